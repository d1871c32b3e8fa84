using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSagas.Decisions;
using OrleansSagas.Notifications;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.Telemetry;

namespace OrleansSagas.Execution;

/// <summary>
/// The sagas in the memory of one silo: which processes hold them, what runs, and how all of it stops. Every engine has one; what differs
/// between engines is how a saga's messages get here.
/// </summary>
internal sealed partial class SagaProcesses : ISagaHost, IDisposable
{
    private const int MaxForwards = 3;

    private static readonly TimeSpan ReloadAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<SagaKey, SagaProcess> _processes = new();
    private readonly ConcurrentDictionary<SagaKey, KeptAttempts> _kept = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ISagaStore _store;
    private readonly SagaRuntime _runtime;
    private readonly SagaOptions _options;
    private readonly SagaWatch _watch;
    private readonly ILogger _logger;
    private readonly SagaServices _servicesWhenOpen;
    private readonly CancellationTokenRegistration _onStopping;

    private PlanIdentity[] _reshaped = [];
    private SagaServices? _services;
    private IMessageRoutes? _routes;
    private int _active;
    private int _running;
    private TaskCompletionSource? _drained;

    public SagaProcesses(
        ISagaStore store,
        SagaCatalog catalog,
        IPayloadCodec codec,
        SagaRuntime runtime,
        SagaOptions options,
        SagaWatch watch,
        SagaInstruments instruments,
        IServiceScopeFactory scopes,
        ILogger<SagaProcesses> logger,
        IHostApplicationLifetime? lifetime = null,
        IStepContextFlow? stepFlow = null
    )
    {
        (_store, _runtime, _options, _watch, _logger) = (store, runtime, options, watch, logger);
        Stopping = _stopping.Token; // kept, because a step may ask for it after all this was disposed
        _servicesWhenOpen = new SagaServices(
            store,
            catalog,
            codec,
            runtime,
            options,
            watch,
            instruments,
            scopes,
            logger,
            default,
            this,
            stepFlow
        );
        instruments.ActiveSagas = () => ActiveSagas;

        // The front door stops before the engine does, and waits for its callers: those who wait for a saga's end must be let go first.
        _onStopping = lifetime?.ApplicationStopping.Register(BeginDraining) ?? default;
    }

    public bool IsDraining { get; private set; }

    public bool IsStopped { get; private set; }

    public CancellationToken Stopping { get; }

    /// <summary>Why no work is taken from outside, in words for an operator; null when it is.</summary>
    public string? Problem =>
        _services is null ? "The saga engine has not started yet."
        : IsDraining ? "The saga engine is stopping."
        : _store.Health.Problem;

    /// <summary>
    /// Which definitions are not served, because unfinished sagas of the same version are stored that have another shape; null when there
    /// is none.
    /// </summary>
    public string? DefinitionProblem =>
        _reshaped.Length == 0
            ? null
            : $"Not served here: {string.Join(", ", _reshaped.Select(plan => $"version {plan.Version} of '{plan.Type}'").Distinct())}. "
                + "Unfinished sagas started with another shape of it: "
                + "deploy the definition as it was, and give the new shape a version of its own. All else runs.";

    /// <summary>Why a call from outside is not even tried; null when it is. A store that fails says so itself.</summary>
    public CommandResult.Unavailable? Closed =>
        _services is null || IsDraining ? new CommandResult.Unavailable(Problem ?? "The saga engine is stopping.") : null;

    /// <summary>How many sagas are in memory.</summary>
    public int ActiveSagas => Volatile.Read(ref _active);

    /// <summary>What is written into the rows of the sagas held here.</summary>
    /// <exception cref="InvalidOperationException">The processes is not open yet.</exception>
    public Incarnation Incarnation => _services?.Incarnation ?? throw new InvalidOperationException("The saga engine has not started yet.");

    /// <summary>Opens the store, and takes messages from now on.</summary>
    /// <param name="open">How the store is opened.</param>
    /// <param name="routes">The ways of the engine that this processes belongs to.</param>
    /// <exception cref="StoreException">The store cannot be opened.</exception>
    public async Task OpenAsync(Func<IReadOnlyList<PlanIdentity>, Task<EngineOpened>> open, IMessageRoutes routes)
    {
        var definitions = _servicesWhenOpen.Catalog.All;
        var opened = await open([.. definitions.Select(definition => definition.Plan.Identity)]);
        foreach (var plan in opened.Missing)
            LogMissing(_logger, AbsentDefinition.Describe(plan, _servicesWhenOpen.Catalog));
        _reshaped = [.. opened.Missing.Where(plan => _servicesWhenOpen.Catalog.Find(plan.Type, plan.Version) is not null)];
        _routes = routes;
        _services = _servicesWhenOpen with { Incarnation = opened.Incarnation };
        LogStarted(_logger, opened.Incarnation.Value, definitions.Count);
    }

    /// <summary>How many more sagas may be held here.</summary>
    public int Room => Math.Max(0, _options.MaxActiveSagas - ActiveSagas);

    /// <summary>Whether no more sagas are to be held here than there are.</summary>
    public bool IsFull => ActiveSagas >= _options.MaxActiveSagas;

    /// <summary>
    /// Whether there are more than are to be held here: an activation is counted before it can say whether it is one too many.
    /// </summary>
    public bool IsOverfull => ActiveSagas > _options.MaxActiveSagas;

    /// <summary>Why nothing can be started here now; null when it can.</summary>
    public CommandResult? Refusal(CommandEnvelope call) =>
        Closed is { } closed ? closed
        : call.Input is not SagaCommand.Start ? null
        : IsReshaped(call.Plan) ? new CommandResult.Refused(RejectionKind.NotDefined, DefinitionProblem!)
        : IsFull
            ? new CommandResult.Overloaded($"{_options.MaxActiveSagas:N0} sagas are active already; nothing was started. Try again later.")
        : null;

    /// <summary>Whether the definition is here, in this very shape.</summary>
    public bool IsDefined(PlanIdentity plan) => _servicesWhenOpen.Catalog.Find(plan) is not null;

    public bool Holds(SagaKey saga) => _processes.ContainsKey(saga);

    /// <summary>
    /// Makes the process of a saga whose grain was activated here. An earlier one of this silo, if it is not closed yet, is no longer
    /// asked.
    /// </summary>
    public SagaProcess Open(SagaKey saga, TaskScheduler turns, Action onClosed)
    {
        var process = new SagaProcess(saga, _services!, turns, onClosed);
        Interlocked.Increment(ref _active);
        while (!_processes.TryAdd(saga, process))
            if (_processes.TryGetValue(saga, out var earlier))
                Remove(earlier);
        return process;
    }

    /// <summary>The process of a saga, made where there is none: where sagas have no grains.</summary>
    public SagaProcess GetOrOpen(SagaKey saga)
    {
        if (_processes.TryGetValue(saga, out var process))
            return process;
        var opened = new SagaProcess(saga, _services!, _runtime.NewTurns());
        process = _processes.GetOrAdd(saga, opened);
        if (ReferenceEquals(process, opened))
            Interlocked.Increment(ref _active);
        return process;
    }

    void ISagaHost.Closed(SagaProcess process) => Remove(process);

    /// <summary>Asks for as long as the process that is asked closes meanwhile, which happens seldom, and seldom twice.</summary>
    public static async ValueTask<CommandResult> AskAsync(SagaKey saga, Func<ValueTask<CommandResult>> ask)
    {
        for (var asked = 0; asked < MaxForwards; asked++)
            if (await ask() is not CommandResult.Moved and var reply)
                return reply;
        return NotReached(saga);
    }

    public static CommandResult.Unavailable NotReached(SagaKey saga) =>
        new($"The saga '{saga.Id}' could not be reached; repeat the request.");

    public void Forward(SagaKey saga, SagaMessage message)
    {
        if (!IsStopped && ++message.Forwarded <= MaxForwards)
            _routes!.Route(saga, message);
    }

    public void ScheduleReload(SagaKey saga, SagaNeeds? needs = null) =>
        _ = _runtime.Start(async () =>
        {
            await Task.Delay(ReloadAfter, _runtime.Clock);
            if (!IsDraining)
                _routes!.Route(saga, SagaMessage.Tick(needs: needs));
        });

    public Task<bool> IsElsewhereAsync(SagaNeeds needs) => _routes!.IsElsewhereAsync(needs);

    // A process may lose its activation before it has taken over what the one before it left.
    public void Keep(SagaKey saga, KeptAttempts attempts) => _kept.AddOrUpdate(saga, attempts, (_, earlier) => earlier.And(attempts));

    /// <summary>Whether something is kept for a process of the saga.</summary>
    public bool IsKept(SagaKey saga) => _kept.ContainsKey(saga);

    public KeptAttempts? TakeKept(SagaKey saga) => !_kept.IsEmpty && _kept.TryRemove(saga, out var kept) ? kept : null;

    /// <summary>
    /// Cancels what was kept for a process of the saga, because it is held elsewhere by now; what it still does is told to whoever holds
    /// it.
    /// </summary>
    public void DropKept(SagaKey saga)
    {
        if (TakeKept(saga) is not { } kept)
            return;
        foreach (var attempt in kept.All)
        {
            attempt.Cancel(_runtime);
            if (attempt.AttachTo(attempt.Context.Process) is { } answer)
                attempt.Context.Process.Send(answer);
        }
    }

    public void AttemptBegan() => Interlocked.Increment(ref _running);

    public void AttemptLeft()
    {
        if (Interlocked.Decrement(ref _running) == 0 && IsDraining)
            Volatile.Read(ref _drained)?.TrySetResult();
    }

    public void Dispose()
    {
        _onStopping.Dispose();
        _stopping.Dispose();
    }

    private bool IsReshaped(PlanIdentity? start) =>
        _reshaped.Length > 0
        && start is not null
        && Array.Exists(_reshaped, plan => plan.Type == start.Type && plan.Version == start.Version);

    private void Remove(SagaProcess process)
    {
        if (_processes.TryRemove(new KeyValuePair<SagaKey, SagaProcess>(process.Key, process)))
            Interlocked.Decrement(ref _active);
    }

    [LoggerMessage(23, LogLevel.Warning, "Unfinished sagas are stored that cannot go on here. {Problem}")]
    private static partial void LogMissing(ILogger logger, string problem);

    [LoggerMessage(20, LogLevel.Information, "The saga engine has started: incarnation {Incarnation}, {Definitions} definitions.")]
    private static partial void LogStarted(ILogger logger, long incarnation, int definitions);
}
