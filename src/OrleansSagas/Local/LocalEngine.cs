using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSagas.Deciding;
using OrleansSagas.Owning;
using OrleansSagas.Payloads;
using OrleansSagas.Storing;
using OrleansSagas.Telemetry;
using OrleansSagas.Watching;

namespace OrleansSagas.Local;

/// <summary>The engine for one process: owners in a dictionary, and a loop that watches the clock. It holds no saga rules.</summary>
internal sealed partial class LocalEngine : ISagaRouter, IOwnerHost, IHostedService, IDisposable
{
    private const int MaxForwards = 3;

    private readonly ConcurrentDictionary<SagaKey, SagaOwner> _owners = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ISagaStore _store;
    private readonly SagaCatalog _catalog;
    private readonly SagaRuntime _runtime;
    private readonly SagaOptions _options;
    private readonly SagaWatch _watch;
    private readonly ILogger<LocalEngine> _logger;
    private readonly Func<Incarnation, OwnerTools> _toolsOf;
    private readonly CancellationTokenRegistration _onStopping;

    private OwnerTools? _tools;
    private Task _clock = Task.CompletedTask;
    private int _active;
    private int _running;
    private TaskCompletionSource? _drained;

    public LocalEngine(
        ISagaStore store,
        SagaCatalog catalog,
        IPayloadCodec codec,
        SagaRuntime runtime,
        SagaOptions options,
        SagaWatch watch,
        SagaInstruments instruments,
        IServiceScopeFactory scopes,
        ILogger<LocalEngine> logger,
        IHostApplicationLifetime? lifetime = null)
    {
        options.Check();
        (_store, _catalog, _runtime, _options, _watch, _logger) = (store, catalog, runtime, options, watch, logger);
        Stopping = _stopping.Token; // kept, because a step may ask for it after all this was disposed
        _toolsOf = incarnation => new OwnerTools(store, catalog, codec, runtime, options, watch, instruments, scopes, logger, incarnation, this);

        // The front door stops before the engine does, and waits for its callers: those who wait for a saga's end must be let go first.
        _onStopping = lifetime?.ApplicationStopping.Register(BeginDraining) ?? default;
    }

    public bool IsDraining { get; private set; }

    public bool IsStopped { get; private set; }

    public CancellationToken Stopping { get; }

    public string? Problem =>
        _tools is null ? "The saga engine has not started yet."
        : IsDraining ? "The saga engine is stopping."
        : _store.Health.Problem;

    /// <summary>How many sagas are in memory.</summary>
    public int ActiveSagas => Volatile.Read(ref _active);

    public async ValueTask<SagaReply> SendAsync(SagaKey saga, SagaCall call)
    {
        if (_tools is null || IsDraining)
            return new SagaReply.Unavailable(Problem ?? "The saga engine is stopping.");
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

    public void Closed(SagaOwner owner)
    {
        if (_owners.TryRemove(new KeyValuePair<SagaKey, SagaOwner>(owner.Key, owner)))
            Interlocked.Decrement(ref _active);
    }

    public void Forward(SagaKey saga, Letter letter)
    {
        if (IsStopped || ++letter.Forwarded > MaxForwards)
            letter.Answer(new SagaReply.Unavailable($"The saga '{saga.Id}' could not be reached; repeat the request."));
        else
            Deliver(saga, letter);
    }

    public void Revive(SagaKey saga) => _ = _runtime.Start(async () =>
    {
        await Task.Delay(ReviveAfter, _runtime.Clock);
        if (!IsDraining)
            Deliver(saga, Letter.Tick());
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

    /// <summary>The owners, in an order that does not depend on hashes.</summary>
    private SagaOwner[] Owners =>
        [.. _owners.Values.OrderBy(owner => owner.Key.Namespace, StringComparer.Ordinal).ThenBy(owner => owner.Key.Id.Value, StringComparer.Ordinal)];

    private static readonly TimeSpan ReviveAfter = TimeSpan.FromSeconds(1);

    private void Deliver(SagaKey saga, Letter letter)
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
            Closed(owner);
        }
    }
}
