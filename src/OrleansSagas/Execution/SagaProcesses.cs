using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSagas.Deciding;
using OrleansSagas.Payloads;
using OrleansSagas.Storing;
using OrleansSagas.Telemetry;
using OrleansSagas.Watching;

namespace OrleansSagas.Execution;

/// <summary>The owners in the memory of one process: which sagas they hold, what runs, and how all of it stops. Every engine has one; what differs
/// between engines is how a saga's messages get here.</summary>
internal sealed partial class SagaProcesses : ISagaHost, IDisposable
{
    private const int MaxForwards = 3;

    private static readonly TimeSpan ReviveAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RoomPause = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<SagaKey, SagaProcess> _owners = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ISagaStore _store;
    private readonly SagaRuntime _runtime;
    private readonly SagaOptions _options;
    private readonly SagaWatch _watch;
    private readonly ILogger _logger;
    private readonly SagaServices _servicesWhenOpen;
    private readonly CancellationTokenRegistration _onStopping;

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
        IHostApplicationLifetime? lifetime = null)
    {
        options.Check();
        (_store, _runtime, _options, _watch, _logger) = (store, runtime, options, watch, logger);
        Stopping = _stopping.Token; // kept, because a step may ask for it after all this was disposed
        _servicesWhenOpen = new SagaServices(store, catalog, codec, runtime, options, watch, instruments, scopes, logger, default, this);

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

    /// <summary>Why a call from outside is not even tried; null when it is. A store that fails says so itself.</summary>
    public SagaReply.Unavailable? Closed => _services is null || IsDraining ? new SagaReply.Unavailable(Problem ?? "The saga engine is stopping.") : null;

    /// <summary>How many sagas are in memory.</summary>
    public int ActiveSagas => Volatile.Read(ref _active);

    /// <summary>The life that is written into the rows of the sagas held here.</summary>
    /// <exception cref="InvalidOperationException">The processes is not open yet.</exception>
    public Incarnation Incarnation => _services?.Incarnation ?? throw new InvalidOperationException("The saga engine has not started yet.");

    /// <summary>Opens the store, and takes messages from now on.</summary>
    /// <param name="open">How the store is opened.</param>
    /// <param name="routes">The ways of the engine that this processes belongs to.</param>
    /// <exception cref="MissingDefinitionException">Unfinished sagas are stored that are not defined here.</exception>
    /// <exception cref="StoreException">The store cannot be opened.</exception>
    public async Task OpenAsync(Func<IReadOnlyList<PlanIdentity>, Task<EngineOpened>> open, IMessageRoutes routes)
    {
        var definitions = _servicesWhenOpen.Catalog.All;
        var opened = await open([.. definitions.Select(definition => definition.Plan.Identity)]);
        if (opened.Missing.Count > 0)
            throw new MissingDefinitionException(opened.Missing);
        _routes = routes;
        _services = _servicesWhenOpen with { Incarnation = opened.Incarnation };
        LogStarted(_logger, opened.Incarnation.Value, definitions.Count);
    }

    public bool Holds(SagaKey saga) => _owners.ContainsKey(saga);

    /// <summary>Gives a call to the saga's owner here, and answers when what it led to is durable or, where the call waits, when the saga has ended.</summary>
    public async ValueTask<SagaReply> SendAsync(SagaKey saga, SagaCall call)
    {
        if (call.Input is SagaInput.Start && ActiveSagas >= _options.MaxActiveSagas)
            return new SagaReply.Overloaded($"{_options.MaxActiveSagas:N0} sagas are active already; nothing was started. Try again later.");

        var reply = new TaskCompletionSource<SagaReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (call.Wait <= TimeSpan.Zero)
        {
            Deliver(saga, new SagaMessage(call) { Reply = reply });
            return await reply.Task;
        }

        var atEnd = new TaskCompletionSource<SagaReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        Deliver(saga, new SagaMessage(call) { Reply = reply, AtEnd = atEnd });
        try
        {
            if (await Waiting.ForAsync(atEnd.Task, call.Wait, _runtime.Clock, Stopping))
                return await atEnd.Task;
        }
        catch (OperationCanceledException)
        {
            // The engine stops, and waits for nobody.
        }

        // Whatever becomes of the saga, the caller must learn whether it was taken.
        return await reply.Task;
    }

    /// <summary>Loads the saga here if it is not, as soon as there is room, and lets it look at the clock.</summary>
    public async Task WakeAsync(SagaKey saga)
    {
        while (ActiveSagas >= _options.MaxActiveSagas && !Holds(saga))
            await Task.Delay(RoomPause, _runtime.Clock, Stopping);

        // One that cannot be loaded now is found again at the next look.
        var reply = new TaskCompletionSource<SagaReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        Deliver(saga, SagaMessage.Tick(reply));
        await reply.Task;
    }

    public void Deliver(SagaKey saga, SagaMessage message)
    {
        while (true)
        {
            if (!_owners.TryGetValue(saga, out var owner))
            {
                var fresh = new SagaProcess(saga, _services!);
                owner = _owners.GetOrAdd(saga, fresh);
                if (ReferenceEquals(owner, fresh))
                    Interlocked.Increment(ref _active);
            }

            if (owner.Post(message))
                return;
            Remove(owner);
        }
    }

    void ISagaHost.Closed(SagaProcess owner)
    {
        Remove(owner);
        _routes!.Closed(owner.Key);
    }

    public void Forward(SagaKey saga, SagaMessage message)
    {
        if (IsStopped || ++message.Forwarded > MaxForwards)
            message.Answer(new SagaReply.Unavailable($"The saga '{saga.Id}' could not be reached; repeat the request."));
        else
            _routes!.Route(saga, message);
    }

    public void Revive(SagaKey saga) => _ = _runtime.Start(async () =>
    {
        await Task.Delay(ReviveAfter, _runtime.Clock);
        if (!IsDraining)
            _routes!.Route(saga, SagaMessage.Tick());
    });

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

    private void Remove(SagaProcess owner)
    {
        if (_owners.TryRemove(new KeyValuePair<SagaKey, SagaProcess>(owner.Key, owner)))
            Interlocked.Decrement(ref _active);
    }

    [LoggerMessage(20, LogLevel.Information, "The saga engine has started: incarnation {Incarnation}, {Definitions} definitions.")]
    private static partial void LogStarted(ILogger logger, long incarnation, int definitions);
}
