using OrleansSagas.Decisions;
using OrleansSagas.History;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>The actor that is one saga: load, decide, commit, dispatch, repeat. The same under every engine; it holds no rules.</summary>
/// <remarks>
/// All of it runs in its turns: those of its grain's activation, or of a scheduler that runs one task at a time. So it has no locks. What
/// others have for it they <see cref="Send"/>; what waits is taken into one commit together. The user's steps run elsewhere. Once closed it
/// accepts nothing: neither a message, nor what becomes of a commit that was under way.
/// </remarks>
internal sealed partial class SagaProcess
{
    /// <summary>How many messages from outside may wait; more than these are refused.</summary>
    internal const int MaxWaiting = 1_000;

    private readonly SagaServices _services;
    private readonly TaskScheduler _turns;
    private readonly Action? _onClosed;
    private readonly List<StepAttempt> _inFlight = [];
    private readonly List<StepAttempt> _abandoned = [];

    private List<SagaMessage> _waiting = [];
    private List<SagaMessage>? _spare;
    private SagaDefinition? _definition;
    private SagaState? _state;
    private object? _data;
    private SagaRow? _row;
    private long? _number;
    private string? _traceParent;
    private ITimer? _timer;
    private long _timerAt = long.MaxValue;
    private int _failures;
    private int _onTheWay;
    private volatile bool _isPumping;
    private volatile bool _isClosed;
    private bool _knowsWhatRuns;
    private bool _isReleasing;
    private bool _isDetaching;
    private TaskCompletionSource? _atRest;

    /// <summary>Makes the process of a saga, which is loaded when the first message comes.</summary>
    /// <param name="key">The saga.</param>
    /// <param name="services">What all processes of the silo share.</param>
    /// <param name="turns">Where it runs: one task at a time.</param>
    /// <param name="onClosed">Called in the turn in which it closes.</param>
    public SagaProcess(SagaKey key, SagaServices services, TaskScheduler turns, Action? onClosed = null) =>
        (Key, _services, _turns, _onClosed) = (key, services, turns, onClosed);

    public SagaKey Key { get; }

    /// <summary>Whether a turn is under way or a message is on its way.</summary>
    public bool IsBusy => _isPumping || Volatile.Read(ref _onTheWay) > 0;

    /// <summary>Whether it was never loaded and has nothing to do.</summary>
    public bool IsUnused => _state is null && !IsBusy && _waiting.Count == 0;

    public bool IsClosed => _isClosed;

    private ISagaStore Store => _services.Store;

    private DateTimeOffset Now => _services.Runtime.Clock.GetUtcNow().ToMilliseconds();

    /// <summary>Tells it something, from anywhere.</summary>
    public void Send(SagaMessage message)
    {
        Interlocked.Increment(ref _onTheWay);
        message.Recipient = this;
        SagaRuntime.Begin(_turns, static message => message.Recipient!.Arrived(message), message);
    }

    /// <summary>Tells it something, in a turn of its own.</summary>
    public void Receive(SagaMessage message)
    {
        if (_isClosed)
        {
            PassOn(message);
            return;
        }

        if (message.IsFromOutside && _waiting.Count >= MaxWaiting)
        {
            message.Answer(
                new CommandResult.Overloaded(
                    $"{MaxWaiting:N0} requests wait for the saga '{Key.Id}' already; nothing was done. Try again later."
                )
            );
            return;
        }

        _waiting.Add(message);
        Pump();
    }

    /// <summary>Asks it something, in a turn of its own.</summary>
    public Task<CommandResult> AskAsync(CommandEnvelope call)
    {
        // Whoever asks in a turn of this process may go on in it.
        var reply = new TaskCompletionSource<CommandResult>();
        Receive(new SagaMessage(call) { Reply = reply });
        return reply.Task;
    }

    /// <summary>Loads the saga if it is not, and lets it look at the clock, in a turn of its own.</summary>
    public Task<CommandResult> WakeAsync()
    {
        var reply = new TaskCompletionSource<CommandResult>();
        Receive(SagaMessage.Tick(reply));
        return reply.Task;
    }

    /// <summary>Cancels what runs: its answer is waited for no longer.</summary>
    public void CancelAll()
    {
        foreach (var attempt in _inFlight.ToArray())
            attempt.Cancel(_services.Runtime);
    }

    private void Arrived(SagaMessage message)
    {
        Receive(message);
        Interlocked.Decrement(ref _onTheWay);
    }

    private void Pump()
    {
        if (_isPumping || _isDetaching)
            return;
        _isPumping = true;

        // What the callers have about them, such as a request's context, is not the saga's.
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
            _ = PumpAsync();
    }

    /// <summary>Deals with messages until none waits.</summary>
    private async Task PumpAsync()
    {
        while (TakeWaiting() is { } messages)
        {
            try
            {
                await TurnAsync(messages);
            }
            catch (Exception exception)
            {
                // A defect of ours or of the store's: close, so that the saga is loaded afresh from what is durable.
                SagaProcessLog.Failed(_services.Logger, Key, exception);
                foreach (var message in messages)
                    message.Answer(
                        new CommandResult.Unavailable("The saga's process failed; what it did is in the log. Repeat the request.")
                    );
                Close();
                _services.Host.ScheduleReload(Key);
            }

            messages.Clear();
            _spare = messages;
        }

        _isPumping = false;
        _atRest?.TrySetResult();
    }

    /// <summary>Takes all that waits, what ends the saga first; null when nothing does.</summary>
    private List<SagaMessage>? TakeWaiting()
    {
        if (_waiting.Count == 0 || _isClosed || _isDetaching)
            return null;
        var messages = _waiting;
        (_waiting, _spare) = (_spare ?? [], null);
        if (_state is not null && messages.Count > 1 && messages.Exists(static message => message.Urgency > 0))
            messages = [.. messages.OrderByDescending(static message => message.Urgency)];
        return messages;
    }

    /// <summary>Lets messages wait again, before all others.</summary>
    private void PutBack(IEnumerable<SagaMessage> messages)
    {
        if (_isClosed)
            PassOnAll([.. messages]);
        else
            _waiting.InsertRange(0, messages);
    }

    private async Task TurnAsync(List<SagaMessage> messages)
    {
        if (_state is null && messages[0].Call.Input is not SagaCommand.Start && !await LoadAsync(messages))
            return;
        if (_state is null && !await AcceptsStartAsync(messages))
            return;
        AddTimeouts(messages);
        var pending = Decide(messages);
        if (pending.Entries.Count == 0 && pending.Row is null && pending.Request is null)
        {
            await AcceptAsync(pending);
            return;
        }

        var commit = CommitOf(pending);
        BeginSpan(pending, commit);
        var result = await Store.CommitAsync(commit, CancellationToken.None);
        EndSpan(result.Outcome);
        if (result.Outcome == CommitOutcome.Unknown && !_isClosed)
            result = await SettleAsync(pending, commit, result);
        if (_isClosed)
        {
            TellAfterClose(pending, result);
            return;
        }

        switch (result.Outcome)
        {
            case CommitOutcome.Committed:
                _number = result.Number;
                _failures = 0;
                await AcceptAsync(pending);
                break;
            case CommitOutcome.DuplicateRequest:
                Repeat(pending, result.Earlier!);
                break;
            case CommitOutcome.Conflict:
                Lose(pending);
                break;
            default:
                await TryAgainAsync(pending, result);
                break;
        }
    }

    /// <summary>Decides all messages on one state, each on what the one before it led to.</summary>
    private PendingCommit Decide(List<SagaMessage> messages)
    {
        var pending = new PendingCommit(_state, _data);
        var now = Now;
        var commit = _services.Runtime.Ids.NewCommitId();
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message.Call.Request is not null && pending.Request is not null)
            {
                PutBack(messages[i..]);
                break;
            }

            var input = InputOf(message, pending);
            var definition = _definition ??= DefinitionOf(message);
            var decision = SagaDecider.Decide(definition.Plan, pending.State, input, now);
            if (decision is Decision.Accepted happened)
                Take(pending, message, happened, commit, now);
            pending.Taken.Add((message, decision));
        }

        PlanRow(pending, now);
        return pending;
    }

    private static void Take(PendingCommit pending, SagaMessage message, Decision.Accepted happened, CommitId commit, DateTimeOffset now)
    {
        var revision = pending.State?.Revision ?? 0;
        foreach (var what in happened.Events)
            pending.Entries.Add(
                SagaEventFormat.Write(
                    what,
                    ++revision,
                    now,
                    commit,
                    message.Call.Actor,
                    message.Call.Request?.Key.Key,
                    message.Call.TraceParent
                )
            );
        // The typed data follow the durable ones: a fold counts only where what happened recorded it.
        if (message.Call.StartData is { } read)
            pending.Data = read;
        else if (!ReferenceEquals(happened.Next.Data, pending.State?.Data))
            pending.Data = message.Folded is { } folded && ReferenceEquals(folded.Before, pending.Data) ? folded.After : null;
        pending.State = happened.Next;
        pending.Request ??= message.Call.Request;
    }

    /// <summary>Says what the searchable row must become, and whether the saga can be let go of.</summary>
    private void PlanRow(PendingCommit pending, DateTimeOffset now)
    {
        if (pending.State is not { } state)
            return;
        var wakeAt = ReleaseUntil(pending, state, now, out var shouldRelease);
        pending.ShouldRelease = shouldRelease;
        Incarnation? owner = shouldRelease ? null : _services.Incarnation;
        DateTimeOffset? endedAt = state.Ended is null ? null : state.UpdatedAt;
        var tags = TagsOf(pending, state);

        // An earlier process of this silo may have let go by a commit that changed the row alone, a moment after it was loaded here.
        var takesOver = pending.Taken.Exists(static taken => taken.Message.Call.Input is SagaCommand.TakeOver);
        if (
            !takesOver
            && _row is { Problem: null } row
            && row.Status == state.Status
            && row.Reason == state.Reason
            && row.Owner == owner
            && row.WakeAt == wakeAt
            && row.EndedAt == endedAt
            && ReferenceEquals(row.Tags, tags)
        )
            return;
        pending.Row = WithSnapshot(
            pending,
            new SagaRow
            {
                Status = state.Status,
                Reason = state.Reason,
                Owner = owner,
                WakeAt = wakeAt,
                EndedAt = endedAt,
                Tags = tags,
            }
        );
    }

    /// <summary>
    /// A long saga that is let go of leaves a snapshot: of before this commit, so that the commit's own entries, with its id, are loaded
    /// after it.
    /// </summary>
    private SagaRow WithSnapshot(PendingCommit pending, SagaRow row)
    {
        var last = _row?.SnapshotRevision ?? 0;
        if (
            !_isUnread
            && pending is { ShouldRelease: true, Before: { Ended: null } before }
            && before.Revision - last >= SagaSnapshot.Every
        )
            return row with { Snapshot = SagaSnapshot.Write(before), SnapshotRevision = before.Revision };
        return last == 0 ? row : row with { Snapshot = _row!.Snapshot, SnapshotRevision = last };
    }

    private DateTimeOffset? ReleaseUntil(PendingCommit pending, SagaState state, DateTimeOffset now, out bool shouldRelease)
    {
        shouldRelease = true;
        if (state.Ended is not null)
            return null;
        var isFlying = IsFlying(pending);
        var outstanding = SagaDecider.PendingWork(_definition!.Plan, state);
        var isDueNow = outstanding.Work is { } work && work.IsDue(now);
        if (!isFlying && IsLeaving)
            return isDueNow ? now : outstanding.WakeAt;
        var wakeAt = outstanding.WakeAt;
        shouldRelease = !isFlying && !isDueNow && (wakeAt is null || wakeAt - now > _services.Options.IdleAfter);
        return shouldRelease ? wakeAt : null;
    }

    /// <summary>Whether it begins nothing more, because the saga is to be held elsewhere or at another time.</summary>
    private bool IsLeaving => _isReleasing || _services.Host.IsDraining;

    /// <summary>Whether an attempt runs that has neither answered nor timed out.</summary>
    private bool IsFlying(PendingCommit pending)
    {
        foreach (var attempt in _inFlight)
            if (!IsAnswered(pending, attempt) && !attempt.HasTimedOut)
                return true;
        return false;
    }

    private IReadOnlyList<KeyValuePair<string, string>> TagsOf(PendingCommit pending, SagaState state)
    {
        if (_row is { } row && ReferenceEquals(state.Data, pending.Before?.Data))
            return row.Tags;
        var tags = _definition!.Tags(pending.Data ??= _definition.Read(_services.Codec.Decode(state.Data).Span));
        return _row is { } old && old.Tags.SequenceEqual(tags) ? old.Tags : tags;
    }

    private SagaCommit CommitOf(PendingCommit pending) =>
        new()
        {
            Id = pending.Entries.Count > 0 ? pending.Entries[0].Commit : _services.Runtime.Ids.NewCommitId(),
            At = Now,
            Saga = Key,
            Number = _number,
            ExpectedRevision = pending.Before?.Revision ?? 0,
            Entries = pending.Entries,
            NewSaga = pending.Before is null ? pending.State!.Identity : null,
            Row = pending.Row,
            Request = pending.Request,
        };

    private SagaCommand InputOf(SagaMessage message, PendingCommit pending)
    {
        var input = message.Call.Input;
        if (input is SagaCommand.Answer answer)
            return message.Attempt is not { } attempt ? Known(answer, pending)
                : answer.Outcome is StepOutcome.Succeeded ? answer with { Outcome = Fold(message, pending, attempt, answer) }
                : answer;
        if (_inFlight.Count == 0 || input is SagaCommand.Start)
            return input;

        // One that timed out is in flight until that is decided: what it did must not be forgotten.
        var inFlight = _inFlight
            .Where(attempt => attempt.Work.Direction == StepDirection.Do && !IsAnswered(pending, attempt))
            .Select(attempt => attempt.Work.Step.Path);
        return input with { InFlight = [.. inFlight] };
    }

    /// <summary>
    /// A success of another process's attempt comes without its result. It matters where the step was given up, because then it is undone;
    /// where the step is still open it is made again with the same key, as after any interruption, and that answer has the result.
    /// </summary>
    private SagaCommand Known(SagaCommand.Answer answer, PendingCommit pending) =>
        answer is { Direction: StepDirection.Do, Outcome: StepOutcome.Succeeded }
        && SagaDecider.Takes(_definition!.Plan, pending.State!, answer.Path, answer.Run)
            ? new SagaCommand.Interrupt(answer.Path, answer.Direction, answer.Run, answer.Attempt)
            : answer;

    /// <summary>Folds the result of a success into the data, by the user's pure function, once.</summary>
    private StepOutcome Fold(SagaMessage message, PendingCommit pending, StepAttempt attempt, SagaCommand.Answer answer)
    {
        var plan = _definition!.Plan;
        if (
            answer.Direction == StepDirection.Undo
            || message.Result is null
            || !SagaDecider.Takes(plan, pending.State!, answer.Path, answer.Run)
        )
            return answer.Outcome;
        if (message.Folded is { } known && ReferenceEquals(known.Before, pending.Data))
            return known.Outcome;
        StepOutcome outcome;
        object? before = null;
        object? after;
        try
        {
            before = pending.Data ??= ReadData(pending.State!);
            after = _definition.Fold(attempt.Work.Step.Index, before, message.Result);
            outcome = ReferenceEquals(before, after) ? answer.Outcome : new StepOutcome.Succeeded(Encode(after));
        }
        catch (Exception exception)
        {
            after = before;
            outcome = new StepOutcome.ResultRejectedByFold(StepExecutor.ErrorOf(exception));
        }

        if (before is not null)
            message.Folded = (before, after!, outcome);
        return outcome;
    }

    /// <summary>
    /// Reads the data, and keeps it where it is the saga's own: the fold that is kept for the next try belongs to this very object.
    /// </summary>
    private object ReadData(SagaState state)
    {
        var data = _definition!.Read(_services.Codec.Decode(state.Data).Span);
        if (ReferenceEquals(state.Data, _state?.Data))
            _data = data;
        return data;
    }

    private Payload Encode(object data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var bytes = _definition!.Write(data);
        if (bytes.Length > _services.Options.MaxDataBytes)
            throw new InvalidOperationException(
                $"The saga's data would have {bytes.Length:N0} bytes; at most {_services.Options.MaxDataBytes:N0} are allowed "
                    + $"({nameof(SagaOptions.MaxDataBytes)})."
            );
        _ = _definition.Tags(data);
        return _services.Codec.Encode(bytes, Payload.Json);
    }

    private SagaDefinition DefinitionOf(SagaMessage message)
    {
        var plan = message.Call.Plan ?? throw new InvalidOperationException("A start must name its definition.");
        return _services.Catalog.Find(plan.Type, plan.Version)
            ?? throw new InvalidOperationException($"Version {plan.Version} of the saga type '{plan.Type}' is not defined here.");
    }

    private static bool IsAnswered(PendingCommit pending, StepAttempt attempt)
    {
        foreach (var (message, decision) in pending.Taken)
            if (message.Attempt == attempt)
                return true;
        return false;
    }
}
