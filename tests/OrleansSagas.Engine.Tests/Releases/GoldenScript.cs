using System.Text.Json;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>
/// Makes a database that has sagas in every state a release can leave them in: in two lives of an engine, of which the second ends with a
/// crash.
/// </summary>
internal sealed class GoldenScript : IAsyncDisposable
{
    public const string Operator = "olga";
    public const string Shop = "shop";
    public const string Reason = "golden";

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ManualTime _time = new();
    private readonly Depot _depot = new();
    private readonly EngineFixture _engine;
    private readonly List<GoldenSaga> _sagas = [];

    private readonly ReleaseStore _store;

    public GoldenScript(ReleaseStore store)
    {
        _store = store;
        _engine = new EngineFixture(_depot.Definitions) { Time = _time, Make = store.Make };
    }

    public IReadOnlyList<GoldenSaga> Sagas => _sagas;

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Writes the database to <paramref name="file"/>.</summary>
    public async Task WriteAsync(string file)
    {
        await _engine.StartAsync();
        await EndedAsync();
        await LeftBehindAsync();
        await _engine.StopAsync();
        _engine.Definitions = _depot.AllButNotes;
        await _engine.StartAsync();
        await UnderWayAsync();
        _engine.Crash();
        await _store.SaveAsync(file);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    /// <summary>One that ended in each way.</summary>
    private async Task EndedAsync()
    {
        await EndsAsync("completed", SagaStatus.Completed);
        await EndsAsync(
            "completed-after-retries",
            SagaStatus.Completed,
            ("do send 1", DepotTrouble.Fails),
            ("do send 2", DepotTrouble.Fails)
        );
        await EndsAsync("failed", SagaStatus.Failed, ("do weigh", DepotTrouble.Refuses));
        await EndsAsync("compensated", SagaStatus.Compensated, ("do bill", DepotTrouble.Refuses), ("undo send 1", DepotTrouble.Fails));
        await EndsAsync("compensated-uncertain", SagaStatus.Compensated, ("do bill", DepotTrouble.Fails));
        await StartAsync("compensated-unfoldable", to: "nowhere");
        await BecomesAsync("compensated-unfoldable", SagaStatus.Compensated);

        await HangsAsync("cancelled", "do bill 1");
        await ActAsync("cancelled", OperatorAction.Cancel);
        await BecomesAsync("cancelled", SagaStatus.Cancelled);
        await HangsAsync("terminated", "do send 1");
        await ActAsync("terminated", OperatorAction.Terminate);
        await BecomesAsync("terminated", SagaStatus.Terminated);
        await StuckAsync("skipped");
        await ActAsync("skipped", OperatorAction.Skip);
        await BecomesAsync("skipped", SagaStatus.Compensated);
        await StuckAsync("resolved");
        await ActAsync("resolved", OperatorAction.Resolve);
        await BecomesAsync("resolved", SagaStatus.Compensated);

        await HangsAsync("past-its-deadline", "do send 1", type: "letter");
        await BecomesAsync("past-its-deadline", view => view.Reason == SagaEndReason.Deadline && view.EndedAt is not null);
    }

    /// <summary>What an engine leaves behind when it stops in good order.</summary>
    private async Task LeftBehindAsync()
    {
        await StuckAsync("stuck-for-long", OperatorAction.Retry);
        for (var i = 0; i < 32; i++)
        {
            var before = (await _engine.GetAsync(new("stuck-for-long"))).Revision;
            Assert.IsType<SagaResult.Accepted>(
                await _engine.ActAsync(new("stuck-for-long"), OperatorAction.Retry, Reason, actor: Operator)
            );
            await BecomesAsync("stuck-for-long", view => view.Status == SagaStatus.Stuck && view.Revision > before + 1);
        }
        await HangsAsync("interrupted", "do send 1");
        await HangsAsync("held", "do send 1", type: "note");
        await HangsAsync("paused-and-left", "do send 1", verb: OperatorAction.Resume);
        await ActAsync("paused-and-left", OperatorAction.Pause);
        await FailsOnceAsync("waits-to-retry-and-left", ("do send 1", DepotTrouble.Fails));
        await FailsOnceAsync("waits-to-undo-and-left", ("do bill", DepotTrouble.Refuses), ("undo send 1", DepotTrouble.Fails));
    }

    /// <summary>What an engine leaves behind when it dies.</summary>
    private async Task UnderWayAsync()
    {
        await BecomesAsync("interrupted", async () => (await _engine.EventsAsync(new("interrupted"))).Contains("adopted"));
        await BecomesAsync("held", SagaStatus.Held);
        await HangsAsync("just-started", "do weigh 1");
        await HangsAsync("in-a-step", "do send 1");
        await HangsAsync("in-the-last-step", "do bill 1");
        await HangsAsync("in-an-undo", "undo send 1", ("do bill", DepotTrouble.Refuses));
        await HangsAsync("paused-in-a-step", "do send 1", verb: OperatorAction.Resume);
        await ActAsync("paused-in-a-step", OperatorAction.Pause);
        await HangsAsync("cancelled-in-a-step", "do send 1");
        await ActAsync("cancelled-in-a-step", OperatorAction.Cancel);
        await FailsOnceAsync("waits-to-retry", ("do send 1", DepotTrouble.Fails));
        await FailsOnceAsync("waits-to-undo", ("do bill", DepotTrouble.Refuses), ("undo send 1", DepotTrouble.Fails));
        await StuckAsync("stuck", OperatorAction.Retry);
    }

    private async Task EndsAsync(string id, SagaStatus status, params (string Call, DepotTrouble Trouble)[] troubles)
    {
        await StartAsync(id, troubles: troubles);
        await BecomesAsync(id, status);
    }

    private async Task HangsAsync(string id, string call, params (string Call, DepotTrouble Trouble)[] troubles) =>
        await HangsAsync(id, call, "parcel", null, troubles);

    private async Task HangsAsync(
        string id,
        string call,
        string type = "parcel",
        OperatorAction? verb = null,
        params (string Call, DepotTrouble Trouble)[] troubles
    )
    {
        await StartAsync(id, type, verb: verb, troubles: [.. troubles, (call, DepotTrouble.Hangs)]);
        await _depot.HangsAsync(id, call);
    }

    private async Task StuckAsync(string id, OperatorAction? verb = null)
    {
        await StartAsync(id, verb: verb, troubles: [("do bill", DepotTrouble.Refuses), ("undo send", DepotTrouble.Refuses)]);
        await BecomesAsync(id, SagaStatus.Stuck);
    }

    private async Task FailsOnceAsync(string id, params (string Call, DepotTrouble Trouble)[] troubles)
    {
        await StartAsync(id, troubles: troubles);
        await _engine.BecomesAsync(new(id), view => view.Steps.Any(step => step.NextAttemptAt is not null));
    }

    private async Task StartAsync(
        string id,
        string type = "parcel",
        string to = "Oslo",
        OperatorAction? verb = null,
        params (string Call, DepotTrouble Trouble)[] troubles
    )
    {
        foreach (var (call, trouble) in troubles)
            _depot.With(id, call, trouble);
        var saga = new GoldenSaga(id, type, new Parcel(to), verb);
        _sagas.Add(saga);
        var answer = await _engine.Sagas.StartAsync(
            new StartSaga
            {
                Type = type,
                Id = new SagaId(id),
                Data = JsonSerializer.SerializeToUtf8Bytes(saga.Data, JsonSerializerOptions.Web),
                RequestId = saga.Request,
                CorrelationId = $"trip-of-{id}",
                Headers = new Dictionary<string, string> { ["tenant"] = "acme", ["parcel"] = id },
                Caller = Shop,
                Actor = Shop,
                TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            },
            CancellationToken.None
        );
        Assert.IsType<SagaResult.Accepted>(answer);
    }

    private async Task ActAsync(string id, OperatorAction verb)
    {
        var saga = _sagas.Single(saga => saga.Id == id);
        saga.Asked = verb;
        Assert.IsType<SagaResult.Accepted>(
            await _engine.ActAsync(new(id), verb, Reason, actor: Operator, requestId: saga.AskedRequest, caller: Operator)
        );
    }

    private Task BecomesAsync(string id, SagaStatus status) => BecomesAsync(id, view => view.Status == status);

    private Task BecomesAsync(string id, Func<SagaView, bool> what) => BecomesAsync(id, async () => what(await _engine.GetAsync(new(id))));

    private async Task BecomesAsync(string id, Func<Task<bool>> whatAsync)
    {
        for (var began = Environment.TickCount64; !await whatAsync(); _time.Advance(Tick))
        {
            Assert.True(
                Environment.TickCount64 - began < Patience.TotalMilliseconds,
                $"Waited {Patience} for saga {id}: {string.Join(" ", await _engine.EventsAsync(new(id)))}"
            );
            await Task.Delay(5);
        }
    }
}
