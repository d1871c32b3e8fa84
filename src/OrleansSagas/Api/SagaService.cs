using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using OrleansSagas.Decisions;
using OrleansSagas.Execution;
using OrleansSagas.History;
using OrleansSagas.Notifications;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas;

/// <summary>The sagas of this process: start them, steer them, read them. The front door is a thin layer over it.</summary>
internal sealed class SagaService
{
    private const int MaxReason = 2_000;
    private const int MaxActor = 256;
    private const int MaxRequestId = 255;
    private const int MaxCorrelationId = 128;
    private const int MaxStep = 1_024;
    private const int MaxNamespace = 64;

    /// <summary>How long a watcher trusts in being told before it looks for itself.</summary>
    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(5);

    /// <summary>How many bytes of history are given at a time, unless a single entry has more.</summary>
    private const int MostGiven = 256 * 1024;

    /// <summary>How many bytes of entries a watcher who is slow to take them makes us hold, unless a single entry has more.</summary>
    private const int MostHeld = 64 * 1024;

    /// <summary>How many entries are read first; none of them is large most of the time, but each may be.</summary>
    private const int Stretch = 16;
    private const int LongestStretch = 64;

    private static readonly TimeSpan RetrySoon = TimeSpan.FromSeconds(1);

    private readonly ISagaDispatcher _dispatcher;
    private readonly ISagaStore _store;
    private readonly SagaCatalog _catalog;
    private readonly IPayloadCodec _codec;
    private readonly SagaRuntime _runtime;
    private readonly SagaOptions _options;
    private readonly SagaWatch _watch;

    /// <summary>Takes what an engine is made of.</summary>
    public SagaService(
        ISagaDispatcher router,
        ISagaStore store,
        SagaCatalog catalog,
        IPayloadCodec codec,
        SagaRuntime runtime,
        SagaOptions options,
        SagaWatch watch
    ) => (_dispatcher, _store, _catalog, _codec, _runtime, _options, _watch) = (router, store, catalog, codec, runtime, options, watch);

    /// <summary>Why no work is taken now, in words for an operator; null when it is.</summary>
    public string? Problem => _dispatcher.Problem;

    /// <summary>
    /// Which definitions are not served here although all else is, in words for an operator; null when all are. A silo that says so should
    /// not replace one that does not.
    /// </summary>
    public string? DefinitionProblem => _dispatcher.DefinitionProblem;

    /// <summary>The definitions that can be started.</summary>
    public SagaCatalog Catalog => _catalog;

    /// <summary>Starts a saga. It is durable before this answers.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="cancellation">Stops the wait for the saga's end; it takes back nothing that was accepted.</param>
    public async Task<SagaResult> StartAsync(StartSaga start, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(start);
        var definition = _catalog.Find(start.Type, start.Version);
        if ((definition?.Plan.Identity ?? _dispatcher.FindElsewhere(start.Type, start.Version)) is not { } plan)
            return UnknownType(start);
        if (start.Data.Length > _options.MaxDataBytes)
            return new SagaResult.Refused(
                SagaRefusal.TooLarge,
                $"The data has {start.Data.Length:N0} bytes; at most {_options.MaxDataBytes:N0} are allowed."
            );
        if (!SagaId.IsValid(start.Namespace) || start.Namespace.Length > MaxNamespace)
            return new SagaResult.Refused(
                SagaRefusal.InvalidRequest,
                $"A namespace has 1 to {MaxNamespace} characters of A-Z a-z 0-9 . _ : - ."
            );
        if (
            (
                TextFault(start.RequestId, MaxRequestId, "request id")
                ?? TextFault(start.CorrelationId, MaxCorrelationId, "correlation id")
                ?? TextFault(start.Actor, MaxActor, "actor")
                ?? TextFault(start.Caller, MaxActor, "caller")
            ) is
            { } fault
        )
            return new SagaResult.Refused(SagaRefusal.InvalidRequest, fault);
        if (start.Headers is { } headers && SagaHeaders.FindFault(headers) is { } faulty)
            return new SagaResult.Refused(SagaRefusal.InvalidRequest, faulty);
        object? data = null;
        if (definition is not null && StartData.FindFault(definition, start.Data.Span, out data) is { } invalid)
            return new SagaResult.Refused(SagaRefusal.InvalidData, invalid);

        var began = _runtime.Clock.GetTimestamp();
        var request = start.RequestId is null ? null : HashOf(start.Type, start.Data);
        var saga = new SagaKey(start.Namespace, start.Id ?? _runtime.Ids.NewSagaId(_runtime.Clock.GetUtcNow()));
        using var watcher = start.Wait > TimeSpan.Zero ? _watch.WatchForEnd(saga) : null;
        var reply = await _dispatcher.SendAsync(
            saga,
            new CommandEnvelope
            {
                Input = new SagaCommand.Start(saga, _codec.Encode(start.Data, Payload.Json), start.CorrelationId)
                {
                    Headers = SagaHeaders.Of(start.Headers),
                },
                Plan = plan,
                StartData = data,
                IsUnchecked = definition is null,
                Actor = start.Actor,
                TraceParent = start.TraceParent,
                Request = request is null
                    ? null
                    : new StoredRequest(new RequestKey(start.Namespace, start.Caller, start.RequestId!), request, saga.Id),
                WantsView = watcher is null,
            }
        );
        if (reply is CommandResult.Taken { View: null } && watcher is not null)
            return await AnswerOfAsync(EndAsync(watcher, saga, start.Wait, began, isFresh: true, cancellation), saga.Id);
        return await AnswerAsync(saga, reply, request, start.Wait - _runtime.Clock.GetElapsedTime(began), cancellation);
    }

    /// <summary>
    /// Does what an operator asks. It is durable before this answers; what follows from it, such as an undo, goes on afterwards.
    /// </summary>
    public async Task<SagaResult> ActAsync(OperatorCommand act, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(act);
        if (
            (
                TextFault(act.RequestId, MaxRequestId, "request id")
                ?? TextFault(act.Actor, MaxActor, "actor")
                ?? TextFault(act.Caller, MaxActor, "caller")
                ?? TextFault(act.Reason, MaxReason, "reason")
                ?? TextFault(act.Step, MaxStep, "step")
            ) is
            { } fault
        )
            return new SagaResult.Refused(SagaRefusal.InvalidRequest, fault);
        var verb = OperatorVerb.Of(act.Verb);
        if (verb.NeedsReason && string.IsNullOrWhiteSpace(act.Reason))
            return new SagaResult.Refused(SagaRefusal.InvalidRequest, $"{act.Verb} needs a reason: it is kept in the saga's history.");

        var request = act.RequestId is null ? null : HashOf($"{act.Verb} {act.Saga.Id}", act.Body);
        var reply = await _dispatcher.SendAsync(
            act.Saga,
            new CommandEnvelope
            {
                Input = verb.Command(act.Step is { Length: > 0 } step ? StepPath.Parse(step) : null, act.Reason),
                Actor = act.Actor,
                TraceParent = act.TraceParent,
                Request = request is null
                    ? null
                    : new StoredRequest(new RequestKey(act.Saga.Namespace, act.Caller, act.RequestId!), request, act.Saga.Id),
            }
        );
        return await AnswerAsync(act.Saga, reply, request, TimeSpan.Zero, cancellation);
    }

    /// <summary>Reads a saga; null if there is none.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<SagaView?> GetAsync(SagaKey saga, CancellationToken cancellation)
    {
        if (await _store.LoadAsync(saga, cancellation) is not { } stored)
            return null;
        try
        {
            var state = await SagaSnapshot.FoldAsync(_store, stored, cancellation);
            return SagaViews.Of(_catalog, state, stored.Row, _codec, _runtime.Clock.GetUtcNow());
        }
        catch (UnreadableHistoryException exception)
        {
            return SagaViews.OfUnreadable(stored, exception.Message);
        }
    }

    /// <summary>Reads a saga when it has ended or <paramref name="wait"/> is over; null if there is none.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<SagaView?> WaitAsync(SagaKey saga, TimeSpan wait, CancellationToken cancellation)
    {
        var began = _runtime.Clock.GetTimestamp();
        using var watcher = _watch.WatchForEnd(saga);
        return await EndAsync(watcher, saga, wait, began, isFresh: false, cancellation);
    }

    /// <summary>
    /// Reads a stretch of a saga's history, of fewer entries than <paramref name="limit"/> where they are large; null if there is no such
    /// saga.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<SagaHistory?> HistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation)
    {
        var page = new HistoryPage(MostGiven);
        for (var stretch = Stretch; ; stretch = Math.Min(2 * stretch, LongestStretch))
        {
            var count = Math.Min(limit - page.Entries.Count, stretch);
            if (await _store.ReadHistoryAsync(saga, page.LastRevision ?? after, count, cancellation) is not { } read)
                return null;
            if (!page.TryAdd(read, _codec) || page.Entries.Count == limit)
                return new SagaHistory([.. page.Entries], page.LastRevision);
            if (read.Count < count)
                return new SagaHistory([.. page.Entries], null);
        }
    }

    /// <summary>
    /// Follows a saga: what comes after <paramref name="after"/> as it happens, until it has ended or the engine stops. Empty if there is
    /// no such saga.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async IAsyncEnumerable<SagaHistoryEntry> WatchAsync(
        SagaKey saga,
        long after,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        using var watcher = _watch.Watch(saga);
        var (isFirst, hasEnded) = (true, false);
        while (true)
        {
            var change = watcher.NextChange();
            if (await ReadStretchAsync(saga, after, cancellation) is not var (entries, isAll))
                yield break;
            var isNothing = entries.Count == 0;
            while (entries.TryPeek(out var entry))
            {
                after = entry.Revision;
                var isEnd = entry.Event == EventTypes.EndedName;
                entry = null; // who waits for the next one keeps nothing of this one
                yield return entries.Dequeue();
                if (isEnd)
                    yield break;
            }

            // Whoever comes back after the end finds nothing more to wait for; but the saga may have ended since it was read, and so is
            // read once more.
            if ((isNothing && hasEnded) || _watch.IsClosed)
                yield break;
            hasEnded = isFirst && isNothing && await GetAsync(saga, cancellation) is not { EndedAt: null };
            isFirst = false;
            if (isAll && !hasEnded)
                await ChangeAsync(change, LookAfter, cancellation);
        }
    }

    /// <summary>Lists sagas, newest first.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="FormatException"><see cref="SagaQuery.After"/> is malformed.</exception>
    public async Task<SagaPage> ListAsync(SagaQuery query, CancellationToken cancellation)
    {
        var page = await _store.ListAsync(query, cancellation);
        return new SagaPage([.. page.Items.Select(SagaViews.Of)], page.Next);
    }

    /// <summary>The next entries to tell a watcher, and whether there are no more now. Null if there is no such saga.</summary>
    private async Task<(Queue<SagaHistoryEntry> Entries, bool IsAll)?> ReadStretchAsync(
        SagaKey saga,
        long after,
        CancellationToken cancellation
    )
    {
        if (await _store.ReadHistoryAsync(saga, after, Stretch, cancellation) is not { } read)
            return null;
        var page = new HistoryPage(MostHeld);
        return (page.Entries, page.TryAdd(read, _codec) && read.Count < Stretch);
    }

    /// <summary>Waits for a saga's end: told by its process where that is here, else by looking.</summary>
    /// <param name="watcher">Who is told; it began to watch before anything was asked.</param>
    /// <param name="saga">The saga.</param>
    /// <param name="wait">For how long, from <paramref name="began"/>.</param>
    /// <param name="began">Since when, in the clock's timestamp.</param>
    /// <param name="isFresh">Whether it was started a moment ago, so that there is nothing to be read yet.</param>
    /// <param name="cancellation">Ends the wait.</param>
    private async Task<SagaView?> EndAsync(
        SagaWatch.Watcher watcher,
        SagaKey saga,
        TimeSpan wait,
        long began,
        bool isFresh,
        CancellationToken cancellation
    )
    {
        for (var isFollowing = false; ; isFresh = false)
        {
            var change = watcher.NextChange();
            if (watcher.End is { } end)
                return end;
            if (!isFollowing)
                watcher.Follow();
            isFollowing = true;
            var left = wait - _runtime.Clock.GetElapsedTime(began);
            if (!isFresh || left <= TimeSpan.Zero)
            {
                var view = await GetAsync(saga, cancellation);
                if (view is null || view.Status.IsTerminal() || left <= TimeSpan.Zero || _dispatcher.Problem is not null)
                    return view;
            }

            await ChangeAsync(change, left < LookAfter ? left : LookAfter, cancellation);
        }
    }

    private static async Task<SagaResult> AnswerOfAsync(Task<SagaView?> reading, SagaId saga)
    {
        try
        {
            return await reading is { } view
                ? new SagaResult.Accepted(view)
                : new SagaResult.Refused(SagaRefusal.SagaNotFound, $"The request was taken, but its saga '{saga}' is no longer kept.");
        }
        catch (StoreException exception)
        {
            return new SagaResult.Refused(SagaRefusal.Unavailable, exception.Message, RetrySoon);
        }
    }

    private async Task<SagaResult> AnswerAsync(
        SagaKey saga,
        CommandResult reply,
        byte[]? request,
        TimeSpan wait,
        CancellationToken cancellation
    )
    {
        switch (reply)
        {
            case CommandResult.Taken { View: { } view }:
                return new SagaResult.Accepted(view);
            case CommandResult.Taken:
                // Its process closed before it could show the saga.
                return await AnswerOfAsync(
                    wait > TimeSpan.Zero ? WaitAsync(saga, wait, cancellation) : GetAsync(saga, cancellation),
                    saga.Id
                );
            case CommandResult.Repeated { Earlier: var earlier }:
                if (earlier.HashVersion != StoredRequest.RawBytes)
                    return new SagaResult.Refused(
                        SagaRefusal.Unavailable,
                        "The request was taken by a newer version of the program, which alone can say whether this is a repeat. Repeat "
                            + "it there.",
                        RetrySoon
                    );
                if (!earlier.Hash.Span.SequenceEqual(request))
                    return new SagaResult.Refused(
                        SagaRefusal.RequestIdReused,
                        $"The request id was used before for something else (saga '{earlier.Saga}'). Use a fresh one for a new request."
                    );
                var same = saga with { Id = earlier.Saga };
                return await AnswerOfAsync(
                    wait > TimeSpan.Zero ? WaitAsync(same, wait, cancellation) : GetAsync(same, cancellation),
                    earlier.Saga
                );
            case CommandResult.Refused refused:
                return new SagaResult.Refused(RefusalOf(refused.Kind), refused.Message);
            case CommandResult.Unavailable unavailable:
                return new SagaResult.Refused(SagaRefusal.Unavailable, unavailable.Message, RetrySoon);
            case CommandResult.Overloaded overloaded:
                return new SagaResult.Refused(SagaRefusal.Overloaded, overloaded.Message, RetrySoon);
            default:
                throw new ArgumentOutOfRangeException(nameof(reply), reply.GetType().Name, "This reply is not known.");
        }
    }

    private SagaResult.Refused UnknownType(StartSaga start) =>
        _catalog.Find(start.Type) is { } newest
            ? new(
                SagaRefusal.UnknownType,
                $"Version {start.Version} of the saga type '{start.Type}' is not defined here; the newest is {newest.Plan.Version}."
            )
            : new(SagaRefusal.UnknownType, "No saga type of this name is defined here.");

    private static SagaRefusal RefusalOf(RejectionKind kind) =>
        kind switch
        {
            RejectionKind.NotFound => SagaRefusal.SagaNotFound,
            RejectionKind.Exists => SagaRefusal.SagaExists,
            RejectionKind.NotDefined => SagaRefusal.UnknownType,
            RejectionKind.InvalidData => SagaRefusal.InvalidData,
            _ => SagaRefusal.NotPossible,
        };

    private static string? TextFault(string? text, int longest, string name) =>
        text is not null && (text.Length == 0 || text.Length > longest)
            ? $"The {name} has {text.Length:N0} characters; it must have 1 to {longest:N0}."
            : null;

    private static byte[] HashOf(string what, ReadOnlyMemory<byte> body)
    {
        var length = Encoding.UTF8.GetMaxByteCount(what.Length) + 1 + body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        var written = Encoding.UTF8.GetBytes(what, rented);
        rented[written++] = (byte)'\n';
        body.Span.CopyTo(rented.AsSpan(written));
        var hash = SHA256.HashData(rented.AsSpan(0, written + body.Length));
        ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return hash;
    }

    /// <summary>Waits to be told of a change. Whoever was not told in time looks all the same: the store is the truth.</summary>
    private Task<bool> ChangeAsync(Task change, TimeSpan longest, CancellationToken cancellation) =>
        Waiting.ForAsync(change, longest, _runtime.Clock, cancellation);
}
