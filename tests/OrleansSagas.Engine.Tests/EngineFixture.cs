using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Engine.Tests.Engines;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

/// <summary>An engine over a SQLite file of its own, started, stopped and started again by a test.</summary>
internal sealed class EngineFixture : IAsyncDisposable
{
    private readonly List<TempFolder> _folders = [new()];
    private readonly List<ITestEngine> _abandoned = [];
    private readonly Action<SagaOptions>? _options;
    private ITestEngine? _engine;
    private Action<FaultyStore>? _prepare;

    public EngineFixture(Action<SagaOptions>? options, params SagaDefinition[] definitions)
    {
        _options = options;
        Definitions = definitions;
    }

    public EngineFixture(params SagaDefinition[] definitions)
        : this(null, definitions) { }

    /// <summary>What is defined at each start, unless the start says otherwise.</summary>
    public SagaDefinition[] Definitions { get; set; }

    public Func<ISagaStore, ISagaStore> Wrap { get; init; } = store => store;

    /// <summary>Makes another store than that over a file of its own.</summary>
    public Func<SagaRuntime, ISagaStore>? Make { get; init; }

    /// <summary>The clock where the test owns it.</summary>
    public ManualTime? Time { get; init; }

    public Action<IServiceCollection> Services { get; init; } = _ => { };

    /// <summary>The store where <see cref="Wrap"/> made it one that fails.</summary>
    public FaultyStore Faulty => (FaultyStore)Store;

    public SagaCatalog Catalog => Sagas.Catalog;

    public SagaService Sagas => _engine!.Sagas;

    public ISagaStore Store => _engine!.Store;

    public ITestEngine Engine => _engine!;

    public string Path => _folders[^1].File("sagas.db");

    /// <summary>Starts over a store that was prepared to fail, see <see cref="Faulty"/>.</summary>
    public Task<EngineFixture> StartAsync(Action<FaultyStore> prepare)
    {
        _prepare = prepare;
        return StartAsync();
    }

    public async Task<EngineFixture> StartAsync(params SagaDefinition[] instead)
    {
        var runtime = Time is null ? SagaRuntime.System : new SagaRuntime(TaskScheduler.Default, Time, SagaRuntime.System.Ids);
        var store = Make is null ? Wrap(new SqliteSagaStore(new SqliteSagaStoreOptions { Path = Path }, runtime)) : Make(runtime);
        _prepare?.Invoke((FaultyStore)store);
        _prepare = null;
        _engine = await TestEngine.StartAsync(
            new EngineSetup(
                runtime,
                store,
                Services,
                sagas =>
                {
                    // No multiple of another time in these tests: so each timer can be told from the clock's.
                    if (Time is not null)
                        sagas.Configure(options => options.IdleAfter = TimeSpan.FromSeconds(7.7));
                    if (_options is { } change)
                        sagas.Configure(change);
                    foreach (var definition in instead.Length > 0 ? instead : Definitions)
                        sagas.Add(definition);
                }
            )
        );
        return this;
    }

    /// <summary>Stops gracefully; where the test owns the clock, it moves on while the stop waits.</summary>
    public async Task StopAsync()
    {
        if (_engine is not { } engine)
            return;
        _engine = null;
        await StopAsync(engine);
    }

    /// <summary>
    /// The process dies: what is in the file now is all that the next start will see. What runs here runs on, and no longer matters.
    /// </summary>
    public void Crash()
    {
        var before = _folders[^1];
        _folders.Add(new TempFolder());
        foreach (var file in Directory.GetFiles(before.Path, "sagas.db*"))
            if (!file.EndsWith(".lock", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal))
                File.Copy(file, _folders[^1].File(System.IO.Path.GetFileName(file)));
        _abandoned.Add(_engine!);
        _engine = null;
    }

    private async Task StopAsync(ITestEngine engine)
    {
        var stopping = engine.StopAsync();
        if (Time is null || await Task.WhenAny(stopping, Task.Delay(20)) == stopping)
            await stopping;
        else
            await Time.RunUntilAsync(stopping, TimeSpan.FromMilliseconds(100));
        await engine.DisposeAsync();
    }

    public Task<SagaResult> TryStartAsync(
        string type,
        object data,
        string? id = null,
        string? requestId = null,
        TimeSpan wait = default,
        string? caller = null,
        IReadOnlyDictionary<string, string>? headers = null
    ) =>
        Sagas.StartAsync(
            new StartSaga
            {
                Type = type,
                Data = JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web),
                Id = id is null ? null : new SagaId(id),
                RequestId = requestId,
                Caller = caller ?? SagaCallers.Local,
                Headers = headers,
                Wait = wait,
            },
            CancellationToken.None
        );

    public async Task<SagaView> RunAsync(string type, object data, string? id = null, string? requestId = null)
    {
        var answer = await TryStartAsync(type, data, id, requestId, TimeSpan.FromSeconds(30));
        return Assert.IsType<SagaResult.Accepted>(answer).View;
    }

    public async Task<SagaView> BeginAsync(string type, object data, string? id = null, string? requestId = null)
    {
        var answer = await TryStartAsync(type, data, id, requestId);
        return Assert.IsType<SagaResult.Accepted>(answer).View;
    }

    public Task<SagaResult> ActAsync(
        SagaId saga,
        OperatorAction verb,
        string? reason = null,
        string? step = null,
        string? actor = null,
        string? requestId = null,
        string? caller = null
    ) =>
        Sagas.ActAsync(
            new OperatorCommand
            {
                Saga = new SagaKey(saga),
                Verb = verb,
                Reason = reason,
                Step = step,
                Actor = actor,
                RequestId = requestId,
                Caller = caller ?? SagaCallers.Local,
            },
            CancellationToken.None
        );

    public async Task<SagaView> EndAsync(SagaId saga)
    {
        var view = await Sagas
            .WaitAsync(new SagaKey(saga), TimeSpan.FromSeconds(30), CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(30));
        Assert.NotNull(view);
        Assert.True(
            view.Status.IsTerminal(),
            $"Waited 30 s for the end of {saga}; it is {view.Status}: "
                + $"{string.Join(", ", view.Steps.Select(step => $"{step.Path} {step.Status} {step.Error?.Message}"))}"
        );
        return view;
    }

    public async Task<SagaView> BecomesAsync(SagaId saga, Func<SagaView, bool> what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var view = await GetAsync(saga);
        try
        {
            if (what(view))
                return view;
            await foreach (var entry in Sagas.WatchAsync(new SagaKey(saga), 0, deadline.Token))
            {
                view = await GetAsync(saga);
                if (what(view))
                    return view;
            }
        }
        catch (OperationCanceledException) { }

        var steps = view.Steps.Select(step => $"{step.Path} {step.Status} {step.Attempts}/{step.UndoAttempts} {step.Error?.Message}");
        Assert.Fail(
            $"Waited in vain; the saga is {view.Status}: {string.Join(", ", steps)}; " + $"{string.Join(" ", await EventsAsync(saga))}"
        );
        return view;
    }

    public async Task<SagaView> GetAsync(SagaId saga)
    {
        var view = await Sagas.GetAsync(new SagaKey(saga), CancellationToken.None);
        Assert.NotNull(view);
        return view;
    }

    public Task IdleAsync() => Wait.UntilAsync(() => Engine.ActiveSagas == 0, "no saga in memory");

    public async Task<Storage.SagaRow> RowAsync(SagaId saga)
    {
        var stored = await Store.LoadAsync(new SagaKey(saga), CancellationToken.None);
        Assert.NotNull(stored);
        return stored.Row;
    }

    public async Task<string[]> EventsAsync(SagaId saga)
    {
        var history = await Sagas.HistoryAsync(new SagaKey(saga), 0, 1_000, CancellationToken.None);
        return [.. history!.Items.Select(entry => entry.Event)];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Task.WhenAll(_abandoned.Select(StopAsync));
        foreach (var folder in _folders)
            folder.Dispose();
    }
}
