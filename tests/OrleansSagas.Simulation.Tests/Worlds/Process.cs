using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Execution;
using OrleansSagas.Local;
using OrleansSagas.Notifications;
using OrleansSagas.Payloads;
using OrleansSagas.Simulation.Tests.Scenarios;
using OrleansSagas.Storage;
using OrleansSagas.Telemetry;
using OrleansSagas.Testing;

namespace OrleansSagas.Simulation.Tests.Worlds;

/// <summary>One life of an engine: the real one, on simulated ground.</summary>
internal sealed class Process : IDisposable
{
    private readonly World _world;
    private readonly SagaProcesses _processes;
    private readonly LocalEngine _engine;
    private readonly List<Action> _onDeath = [];
    private readonly ProcessClock _clock;
    private readonly Meters _meters = new();
    private long _diesAfterTurns = long.MaxValue;

    public Process(World world, Disk disk, Scenario scenario, IServiceScopeFactory scopes, string name, SagaDefinition? lacking)
    {
        _world = world;
        Name = name;
        Lacking = lacking;
        Turns = world.NewTurns();
        var chance = world.Chance.Fork();
        _clock = new ProcessClock(world, chance.Fork(), scenario.TimerLateness);
        Runtime = new SagaRuntime(Turns, _clock, new SeededIds(chance.Fork()));
        Store = new DiskConnection(world, disk, scenario, this);
        var watch = new SagaWatch();
        var catalog = new SagaCatalog(scenario.Definitions.Where(definition => definition != lacking));
        var codec = new IdentityPayloadCodec();
        var logger = new TraceLogger(world, name);
        var instruments = new SagaInstruments(_meters, Runtime);
        _processes = new SagaProcesses(Store, catalog, codec, Runtime, scenario.Options, watch, instruments, scopes, logger);
        _engine = new LocalEngine(_processes, Store, Runtime, scenario.Options, instruments, logger);
        Sagas = new SagaService(_engine, Store, catalog, codec, Runtime, scenario.Options, watch);
        world.Add(this);
    }

    public string Name { get; }

    /// <summary>The definition that it does not have; null where it has all.</summary>
    public SagaDefinition? Lacking { get; }

    public TurnScheduler Turns { get; }

    public SagaRuntime Runtime { get; }

    public DiskConnection Store { get; }

    public SagaService Sagas { get; }

    public bool IsDead => _clock.IsDead;

    public bool IsReady => !IsDead && Sagas.Problem is null;

    /// <summary>Whether it was told to stop.</summary>
    public bool IsStopping { get; private set; }

    public int ActiveSagas => _engine.ActiveSagas;

    /// <summary>Starts the engine, and tries again where the store does not let it.</summary>
    public void Start() =>
        _ = Runtime.Start(async () =>
        {
            try
            {
                await _engine.StartAsync(CancellationToken.None);
                _world.Say(Name, "is ready");
            }
            catch (StoreException exception)
            {
                _world.Say(Name, $"does not start: {exception.Message}");
                Kill();
            }
            catch (Exception exception)
            {
                _world.Fail($"{Name} did not start: {exception}");
            }
        });

    /// <summary>Asks it to stop, and ends it when it has.</summary>
    public void Stop()
    {
        if (IsStopping || IsDead)
            return;
        IsStopping = true;
        _world.Say(Name, "is told to stop");
        _ = Runtime.Start(async () =>
        {
            try
            {
                await _engine.StopAsync(CancellationToken.None);
                await Store.DisposeAsync();
                _world.Say(Name, "has stopped");
                Kill();
            }
            catch (Exception exception)
            {
                _world.Fail($"{Name} did not stop: {exception}");
            }
        });
    }

    /// <summary>Sets the clock forward or back.</summary>
    public void JumpClock(TimeSpan by)
    {
        _world.Say(Name, $"its clock jumps by {by}");
        _clock.Skew += by;
    }

    /// <summary>
    /// One of its sagas loses its activation, as in a cluster: with the directory's entry, in which case what runs goes on; or because it
    /// is taken away.
    /// </summary>
    /// <param name="chance">Decides which saga, and how.</param>
    /// <param name="isSudden">Whether a commit that is under way is not waited for.</param>
    public void LoseActivation(Chance chance, bool isSudden)
    {
        var all = _processes.All;
        if (all.Length == 0)
            return;
        var (lost, how) = (all[chance.Below(all.Length)], chance.Below(3));
        _world.Say(Name, $"saga {lost.Key.Id} loses its activation ({how})");
        _ = Runtime.Start(async () =>
        {
            var patience = new CancellationToken(canceled: isSudden);
            if (how == 0)
            {
                await lost.ReleaseAsync(patience);
                return;
            }

            // At times nobody activates it again, though its row says that it is held here.
            await lost.DetachAsync(patience);
            if (how == 1)
                _engine.Route(lost.Key, SagaMessage.Tick());
        });
    }

    /// <summary>Makes it die in the middle of what it does, so many turns of the world from now.</summary>
    public void DieAfter(int turns) => _diesAfterTurns = _world.Turns + turns;

    public bool MayDieNow() => _world.Turns >= _diesAfterTurns;

    /// <summary>It is gone: nothing of it runs any more. What it sent is still on its way.</summary>
    public void Kill()
    {
        if (IsDead)
            return;
        _world.Say(Name, "dies");
        _clock.IsDead = true;
        Turns.Clear();
        _world.Remove(this);
        Store.Cut();
        Dispose();
        foreach (var tell in _onDeath)
            tell();
        _onDeath.Clear();
    }

    public void Dispose()
    {
        _meters.Dispose();
        _processes.Dispose();
    }

    /// <summary>Calls it from outside; null when it dies before it answers, or its store does not.</summary>
    public async Task<T?> CallAsync<T>(Func<SagaService, Task<T>> call)
        where T : class
    {
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (IsDead)
            return null;
        void Tell() => answer.TrySetResult(null);
        _onDeath.Add(Tell);
        _ = Runtime.Start(async () =>
        {
            try
            {
                answer.TrySetResult(await call(Sagas));
            }
            catch (StoreException)
            {
                answer.TrySetResult(null);
            }
            catch (OperationCanceledException)
            {
                answer.TrySetResult(null);
            }
            catch (Violation violation)
            {
                _world.Fail(violation);
            }
            catch (Exception exception)
            {
                _world.Fail($"A call of {Name} failed: {exception}");
            }
        });
        var result = await answer.Task;
        _onDeath.Remove(Tell);
        return result;
    }

    /// <summary>Meters that nobody reads.</summary>
    private sealed class Meters : IMeterFactory
    {
        private Meter? _meter;

        public Meter Create(MeterOptions options) => _meter ??= new Meter(options);

        public void Dispose() => _meter?.Dispose();
    }
}
