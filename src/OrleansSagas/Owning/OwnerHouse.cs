using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSagas.Deciding;
using OrleansSagas.Payloads;
using OrleansSagas.Storing;
using OrleansSagas.Telemetry;
using OrleansSagas.Watching;

namespace OrleansSagas.Owning;

/// <summary>The owners in the memory of one process: which sagas they hold, what runs, and how all of it stops. Every engine has one; what differs
/// between engines is how a saga's letters get here.</summary>
internal sealed partial class OwnerHouse : IOwnerHost, IDisposable
{
    private const int MaxForwards = 3;

    private static readonly TimeSpan ReviveAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RoomPause = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<SagaKey, SagaOwner> _owners = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ISagaStore _store;
    private readonly SagaRuntime _runtime;
    private readonly SagaOptions _options;
    private readonly SagaWatch _watch;
    private readonly ILogger _logger;
    private readonly OwnerTools _toolsWhenOpen;
    private readonly CancellationTokenRegistration _onStopping;

    private OwnerTools? _tools;
    private IOwnerRoutes? _routes;
    private int _active;
    private int _running;
    private TaskCompletionSource? _drained;

    public OwnerHouse(
        ISagaStore store,
        SagaCatalog catalog,
        IPayloadCodec codec,
        SagaRuntime runtime,
        SagaOptions options,
        SagaWatch watch,
        SagaInstruments instruments,
        IServiceScopeFactory scopes,
        ILogger<OwnerHouse> logger,
        IHostApplicationLifetime? lifetime = null)
    {
        options.Check();
        (_store, _runtime, _options, _watch, _logger) = (store, runtime, options, watch, logger);
        Stopping = _stopping.Token; // kept, because a step may ask for it after all this was disposed
        _toolsWhenOpen = new OwnerTools(store, catalog, codec, runtime, options, watch, instruments, scopes, logger, default, this);

        // The front door stops before the engine does, and waits for its callers: those who wait for a saga's end must be let go first.
        _onStopping = lifetime?.ApplicationStopping.Register(BeginDraining) ?? default;
    }

    public bool IsDraining { get; private set; }

    public bool IsStopped { get; private set; }

    public CancellationToken Stopping { get; }

    /// <summary>Why no work is taken from outside, in words for an operator; null when it is.</summary>
    public string? Problem =>
        _tools is null ? "The saga engine has not started yet."
        : IsDraining ? "The saga engine is stopping."
        : _store.Health.Problem;

    /// <summary>Why a call from outside is not even tried; null when it is. A store that fails says so itself.</summary>
    public SagaReply.Unavailable? Closed => _tools is null || IsDraining ? new SagaReply.Unavailable(Problem ?? "The saga engine is stopping.") : null;

    /// <summary>How many sagas are in memory.</summary>
    public int ActiveSagas => Volatile.Read(ref _active);

    /// <summary>The life that is written into the rows of the sagas held here.</summary>
    /// <exception cref="InvalidOperationException">The house is not open yet.</exception>
    public Incarnation Incarnation => _tools?.Incarnation ?? throw new InvalidOperationException("The saga engine has not started yet.");

    /// <summary>Opens the store, and takes letters from now on.</summary>
    /// <param name="open">How the store is opened.</param>
    /// <param name="routes">The ways of the engine that this house belongs to.</param>
    /// <exception cref="MissingDefinitionException">Unfinished sagas are stored that are not defined here.</exception>
    /// <exception cref="StoreException">The store cannot be opened.</exception>
    public async Task OpenAsync(Func<IReadOnlyList<PlanIdentity>, Task<EngineOpened>> open, IOwnerRoutes routes)
    {
        var definitions = _toolsWhenOpen.Catalog.All;
        var opened = await open([.. definitions.Select(definition => definition.Plan.Identity)]);
        if (opened.Missing.Count > 0)
            throw new MissingDefinitionException(opened.Missing);
        _routes = routes;
        _tools = _toolsWhenOpen with { Incarnation = opened.Incarnation };
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
            Deliver(saga, new Letter(call) { Reply = reply });
            return await reply.Task;
        }

        var atEnd = new TaskCompletionSource<SagaReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        Deliver(saga, new Letter(call) { Reply = reply, AtEnd = atEnd });
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
        Deliver(saga, Letter.Tick(reply));
        await reply.Task;
    }

    public void Deliver(SagaKey saga, Letter letter)
    {
        while (true)
        {
            if (!_owners.TryGetValue(saga, out var owner))
            {
                var fresh = new SagaOwner(saga, _tools!);
                owner = _owners.GetOrAdd(saga, fresh);
                if (ReferenceEquals(owner, fresh))
                    Interlocked.Increment(ref _active);
            }

            if (owner.Post(letter))
                return;
            Remove(owner);
        }
    }

    void IOwnerHost.Closed(SagaOwner owner)
    {
        Remove(owner);
        _routes!.Closed(owner.Key);
    }

    public void Forward(SagaKey saga, Letter letter)
    {
        if (IsStopped || ++letter.Forwarded > MaxForwards)
            letter.Answer(new SagaReply.Unavailable($"The saga '{saga.Id}' could not be reached; repeat the request."));
        else
            _routes!.Route(saga, letter);
    }

    public void Revive(SagaKey saga) => _ = _runtime.Start(async () =>
    {
        await Task.Delay(ReviveAfter, _runtime.Clock);
        if (!IsDraining)
            _routes!.Route(saga, Letter.Tick());
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

    private void Remove(SagaOwner owner)
    {
        if (_owners.TryRemove(new KeyValuePair<SagaKey, SagaOwner>(owner.Key, owner)))
            Interlocked.Decrement(ref _active);
    }

    [LoggerMessage(20, LogLevel.Information, "The saga engine has started: incarnation {Incarnation}, {Definitions} definitions.")]
    private static partial void LogStarted(ILogger logger, long incarnation, int definitions);
}
