using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.Storing;

namespace OrleansSagas.Tests;

/// <summary>An engine over a SQLite file of its own, started, stopped and started again by a test.</summary>
internal sealed class EngineFixture : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sagas-").FullName;
    private readonly SagaDefinition[] _definitions;
    private readonly Action<SagaOptions>? _options;
    private ServiceProvider? _provider;

    public EngineFixture(Action<SagaOptions>? options, params SagaDefinition[] definitions)
    {
        _options = options;
        _definitions = definitions;
    }

    public EngineFixture(params SagaDefinition[] definitions)
        : this(null, definitions)
    {
    }

    public Func<ISagaStore, ISagaStore> Wrap { get; init; } = store => store;

    public Sagas Sagas => _provider!.GetRequiredService<Sagas>();

    public ISagaStore Store => _provider!.GetRequiredService<ISagaStore>();

    public Local.LocalEngine Engine => _provider!.GetRequiredService<Local.LocalEngine>();

    public string Path => System.IO.Path.Combine(_folder, "sagas.db");

    public async Task<EngineFixture> StartAsync(params SagaDefinition[] instead)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSagas(sagas =>
        {
            _options?.Invoke(sagas.Options);
            foreach (var definition in instead.Length > 0 ? instead : _definitions)
                sagas.Add(definition);
        });
        services.AddSingleton<ISagaStore>(provider => Wrap(new SqliteSagaStore(new SqliteSagaStoreOptions { Path = Path }, provider.GetRequiredService<SagaRuntime>())));
        _provider = services.BuildServiceProvider();
        foreach (var service in _provider.GetServices<IHostedService>())
            await service.StartAsync(CancellationToken.None);
        return this;
    }

    public async Task StopAsync()
    {
        if (_provider is null)
            return;
        foreach (var service in _provider.GetServices<IHostedService>())
            await service.StopAsync(CancellationToken.None);
        await _provider.DisposeAsync();
        _provider = null;
    }

    public Task<SagaAnswer> TryStartAsync(string type, object data, string? id = null, string? requestId = null, TimeSpan wait = default) =>
        Sagas.StartAsync(
            new StartSaga
            {
                Type = type,
                Data = JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web),
                Id = id is null ? null : new SagaId(id),
                RequestId = requestId,
                Wait = wait,
            },
            CancellationToken.None);

    public async Task<SagaView> RunAsync(string type, object data, string? id = null, string? requestId = null)
    {
        var answer = await TryStartAsync(type, data, id, requestId, TimeSpan.FromSeconds(30));
        return Assert.IsType<SagaAnswer.Accepted>(answer).View;
    }

    public async Task<SagaView> BeginAsync(string type, object data, string? id = null, string? requestId = null)
    {
        var answer = await TryStartAsync(type, data, id, requestId);
        return Assert.IsType<SagaAnswer.Accepted>(answer).View;
    }

    public Task<SagaAnswer> ActAsync(SagaId saga, SagaVerb verb, string? reason = null, string? step = null, string? actor = null, string? requestId = null) =>
        Sagas.ActAsync(new ActOnSaga { Saga = new SagaKey(saga), Verb = verb, Reason = reason, Step = step, Actor = actor, RequestId = requestId }, CancellationToken.None);

    public async Task<SagaView> EndAsync(SagaId saga)
    {
        var view = await Sagas.WaitAsync(new SagaKey(saga), TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.NotNull(view);
        Assert.True(view.Status.IsTerminal(), $"Waited 30 s for the end of {saga}; it is {view.Status}: {string.Join(", ", view.Steps.Select(step => $"{step.Path} {step.Status} {step.Error?.Message}"))}");
        return view;
    }

    public async Task<SagaView> BecomesAsync(SagaId saga, Func<SagaView, bool> what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var view = await Sagas.GetAsync(new SagaKey(saga), CancellationToken.None);
        await foreach (var entry in Sagas.WatchAsync(new SagaKey(saga), 0, deadline.Token))
        {
            view = await Sagas.GetAsync(new SagaKey(saga), CancellationToken.None);
            if (what(view!))
                return view!;
        }

        return view!;
    }

    public async Task<string[]> EventsAsync(SagaId saga)
    {
        var history = await Sagas.HistoryAsync(new SagaKey(saga), 0, 1_000, CancellationToken.None);
        return [.. history!.Items.Select(entry => entry.Event)];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
