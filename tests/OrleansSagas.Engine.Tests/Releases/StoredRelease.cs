using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Decisions;
using OrleansSagas.History;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>A release's database, opened to be looked at: no engine runs, and nothing goes on.</summary>
internal sealed class StoredRelease : IAsyncDisposable
{
    private static readonly SagaJsonContext Json = SagaJsonContext.Default;

    private readonly ServiceProvider _provider;

    private StoredRelease(ServiceProvider provider) => _provider = provider;

    public ISagaStore Store => _provider.GetRequiredService<ISagaStore>();

    private SagaService Sagas => _provider.GetRequiredService<SagaService>();

    public static async Task<StoredRelease> OpenAsync(ReleaseStore store, DateTimeOffset now)
    {
        var time = new ManualTime();
        time.Advance(now - time.GetUtcNow());
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(new SagaRuntime(TaskScheduler.Default, time, SagaRuntime.System.Ids));
        services.AddSagas(sagas => Array.ForEach(new Depot().Definitions, definition => sagas.Add(definition)));
        services.AddSingleton(provider => store.Make(provider.GetRequiredService<SagaRuntime>()));
        var provider = services.BuildServiceProvider();
        var opened = await provider
            .GetRequiredService<ISagaStore>()
            .OpenAsync([.. new Depot().Definitions.Select(definition => definition.Plan.Identity)], CancellationToken.None);
        Assert.True(
            opened.Missing.Count == 0,
            $"The fingerprints of the definitions are no longer what they were; the store misses {string.Join(", ", opened.Missing)}. A "
                + "saga that was started by an earlier release could not go on."
        );
        return new StoredRelease(provider);
    }

    public async Task<string[]> IdsAsync() =>
        [
            .. (await Store.ListAsync(new SagaQuery { Limit = 1_000 }, CancellationToken.None))
                .Items.Select(saga => saga.Key.Id.Value)
                .Order(StringComparer.Ordinal),
        ];

    public async Task<JsonObject> ViewAsync(string id) =>
        JsonSerializer.SerializeToNode((await Sagas.GetAsync(Key(id), CancellationToken.None))!, Json.SagaView)!.AsObject();

    public async Task<JsonArray> HistoryAsync(string id) =>
        [
            .. (await Sagas.HistoryAsync(Key(id), 0, 1_000, CancellationToken.None))!.Items.Select(entry =>
                JsonSerializer.SerializeToNode(entry, Json.SagaHistoryEntry)
            ),
        ];

    /// <summary>Reads what has a snapshot by that alone; answers how many that are.</summary>
    public async Task<int> FoldSnapshotsAsync()
    {
        var count = 0;
        foreach (var id in await IdsAsync())
        {
            var saga = (await Store.LoadAsync(Key(id), CancellationToken.None))!;
            if (saga.Row.SnapshotRevision == 0)
                continue;
            count++;
            var state = await SagaSnapshot.FoldAsync(null!, saga, CancellationToken.None);
            Assert.Equal(await FoldAllAsync(saga), state);
        }

        return count;
    }

    private async Task<SagaState> FoldAllAsync(StoredSaga saga) =>
        SagaEventFormat.Fold(saga.Key, null, (await Store.ReadHistoryAsync(saga.Key, 0, 1_000, CancellationToken.None))!);

    public async Task<JsonObject> RowAsync(string id)
    {
        var row = (await Store.LoadAsync(Key(id), CancellationToken.None))!.Row;
        return new()
        {
            ["status"] = row.Status.ToString(),
            ["reason"] = row.Reason?.ToString(),
            ["owner"] = row.Owner?.Value,
            ["wakeAt"] = row.WakeAt,
            ["endedAt"] = row.EndedAt,
            ["problem"] = row.Problem,
            ["snapshotRevision"] = row.SnapshotRevision,
        };
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    private static SagaKey Key(string id) => new(new SagaId(id));
}
