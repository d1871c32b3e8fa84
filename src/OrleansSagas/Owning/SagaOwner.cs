using OrleansSagas.Deciding;
using OrleansSagas.History;
using OrleansSagas.Payloads;
using OrleansSagas.Planning;
using OrleansSagas.Storing;

namespace OrleansSagas.Owning;

/// <summary>The single owner of one saga: load, decide, commit, dispatch, repeat. The same under every engine; it holds no rules.</summary>
/// <remarks>It serialises itself by its mailbox and takes all that waits in it into one commit.</remarks>
internal sealed partial class SagaOwner
{
    private const int MaxForwards = 3;

    private readonly OwnerTools _tools;
    private readonly Mailbox _mailbox;
    private readonly List<Attempt> _inFlight = [];
    private readonly List<Attempt> _orphans = [];
    private readonly List<Letter> _waitingForEnd = [];

    private SagaDefinition? _definition;
    private SagaState? _state;
    private object? _data;
    private SagaRow? _row;
    private long? _number;
    private string? _traceParent;
    private ITimer? _timer;
    private long _timerAt = long.MaxValue;
    private int _failures;
    private Attempt? _toBegin;

    public SagaOwner(SagaKey key, OwnerTools tools)
    {
        Key = key;
        _tools = tools;
        _mailbox = new Mailbox(tools.Runtime, this);
    }

    public SagaKey Key { get; }

    /// <summary>Puts a letter into the mailbox; false when this owner is done, so that the next one must take it.</summary>
    public bool Post(Letter letter) => _mailbox.Post(letter);

    /// <summary>Whether a turn is under way or waits.</summary>
    public bool IsBusy => _mailbox.IsRunning;

    /// <summary>Cancels what runs: its answer is waited for no longer.</summary>
    public void Abandon()
    {
        foreach (var attempt in _inFlight.ToArray())
            attempt.Cancel(_tools.Runtime);
    }

    private ISagaStore Store => _tools.Store;

    private DateTimeOffset Now => _tools.Runtime.Clock.GetUtcNow().ToMilliseconds();

    /// <summary>Deals with letters until none is left. The mailbox sees to it that one run is under way at a time.</summary>
    internal async Task RunAsync()
    {
        while (true)
        {
            var attempt = _toBegin;
            _toBegin = null;
            if (_mailbox.TakeAll() is not { } letters)
            {
                // The mailbox is at rest, so the user's code may have what is left of this turn.
                if (attempt is not null)
                    BeginHereOrElsewhere(attempt);
                return;
            }

            if (attempt is not null)
                BeginElsewhere(attempt);
            try
            {
                await TurnAsync(letters);
            }
            catch (Exception exception)
            {
                // A defect of ours or of the store's: let go, so that the saga is loaded afresh from what is durable.
                OwnerLog.OwnerFailed(_tools.Logger, Key, exception);
                foreach (var letter in letters)
                    letter.Answer(new SagaReply.Unavailable("The saga's owner failed; what it did is in the log. Repeat the request."));
                Close();
                _tools.Host.Revive(Key);
            }
        }
    }

    private async Task TurnAsync(List<Letter> letters)
    {
        if (letters.RemoveAll(letter => letter.IsLeave) > 0)
        {
            Leave(letters);
            return;
        }

        if (_state is null && letters[0].Call.Input is not SagaInput.Start && !await LoadAsync(letters))
            return;
        AddTimeouts(letters);
        var draft = Decide(letters);
        if (draft.Entries.Count == 0 && draft.Row is null && draft.Request is null)
        {
            await AcceptAsync(draft);
            return;
        }

        var commit = CommitOf(draft);
        var result = await Store.CommitAsync(commit, CancellationToken.None);
        if (result.Outcome == CommitOutcome.Unknown)
            result = await SettleAsync(draft, commit, result);
        switch (result.Outcome)
        {
            case CommitOutcome.Committed:
                _number = result.Number;
                _failures = 0;
                await AcceptAsync(draft);
                break;
            case CommitOutcome.DuplicateRequest:
                Repeat(draft, result.Earlier!);
                break;
            case CommitOutcome.Conflict:
                Lose(draft);
                break;
            default:
                await TryAgainAsync(draft, result);
                break;
        }
    }

    /// <summary>Decides all letters on one state, each on what the one before it led to.</summary>
    private Draft Decide(List<Letter> letters)
    {
        var draft = new Draft(_state, _data);
        var now = Now;
        var commit = _tools.Runtime.Ids.NewCommitId();
        for (var i = 0; i < letters.Count; i++)
        {
            var letter = letters[i];
            if (letter.Call.Request is not null && draft.Request is not null)
            {
                _mailbox.PutBack(letters[i..]);
                break;
            }

            var input = InputOf(letter, draft);
            var definition = _definition ??= DefinitionOf(letter);
            var decision = SagaDecider.Decide(definition.Plan, draft.State, input, now);
            if (decision is Decision.Happened happened)
                Take(draft, letter, happened, commit, now);
            draft.Taken.Add((letter, decision));
        }

        PlanRow(draft, now);
        return draft;
    }

    private static void Take(Draft draft, Letter letter, Decision.Happened happened, CommitId commit, DateTimeOffset now)
    {
        var revision = draft.State?.Revision ?? 0;
        foreach (var what in happened.Events)
            draft.Entries.Add(SagaEventFormat.Write(what, ++revision, now, commit, letter.Call.Actor, letter.Call.Request?.Key, letter.Call.TraceParent));
        // The typed data follow the durable ones: a fold counts only where what happened recorded it.
        if (letter.Call.StartData is { } read)
            draft.Data = read;
        else if (!ReferenceEquals(happened.Next.Data, draft.State?.Data))
            draft.Data = letter.Folded is { } folded && ReferenceEquals(folded.Before, draft.Data) ? folded.After : null;
        draft.State = happened.Next;
        draft.Request ??= letter.Call.Request;
    }

    /// <summary>Says what the searchable row must become, and whether the saga can be let go of.</summary>
    private void PlanRow(Draft draft, DateTimeOffset now)
    {
        if (draft.State is not { } state)
            return;
        var wakeAt = LetGoUntil(draft, state, now, out var letsGo);
        draft.LetsGo = letsGo;
        Incarnation? owner = letsGo ? null : _tools.Incarnation;
        DateTimeOffset? endedAt = state.Ended is null ? null : state.UpdatedAt;
        var tags = TagsOf(draft, state);
        if (_row is { Problem: null } row && row.Status == state.Status && row.Reason == state.Reason && row.Owner == owner
            && row.WakeAt == wakeAt && row.EndedAt == endedAt && ReferenceEquals(row.Tags, tags))
            return;
        draft.Row = WithSnapshot(draft, new SagaRow { Status = state.Status, Reason = state.Reason, Owner = owner, WakeAt = wakeAt, EndedAt = endedAt, Tags = tags });
    }

    /// <summary>A long saga that is let go of leaves a snapshot: of before this commit, so that the commit's own entries, with its id, are loaded after it.</summary>
    private SagaRow WithSnapshot(Draft draft, SagaRow row)
    {
        var last = _row?.SnapshotRevision ?? 0;
        if (draft is { LetsGo: true, Before: { Ended: null } before } && before.Revision - last >= SagaSnapshot.Every)
            return row with { Snapshot = SagaSnapshot.Write(before), SnapshotRevision = before.Revision };
        return last == 0 ? row : row with { Snapshot = _row!.Snapshot, SnapshotRevision = last };
    }

    private DateTimeOffset? LetGoUntil(Draft draft, SagaState state, DateTimeOffset now, out bool letsGo)
    {
        letsGo = true;
        if (state.Ended is not null)
            return null;
        var isFlying = IsFlying(draft);
        var outstanding = SagaDecider.Outstanding(_definition!.Plan, state);
        var isDueNow = outstanding.Work is { } work && work.IsDue(now);
        if (!isFlying && _tools.Host.IsDraining)
            return isDueNow ? now : outstanding.WakeAt;
        var wakeAt = outstanding.WakeAt;
        letsGo = !isFlying && !isDueNow && (wakeAt is null || wakeAt - now > _tools.Options.IdleAfter);
        return letsGo ? wakeAt : null;
    }

    /// <summary>Whether an attempt runs that has neither answered nor timed out.</summary>
    private bool IsFlying(Draft draft)
    {
        foreach (var attempt in _inFlight)
            if (!IsAnswered(draft, attempt) && !attempt.HasTimedOut)
                return true;
        return false;
    }

    private IReadOnlyList<KeyValuePair<string, string>> TagsOf(Draft draft, SagaState state)
    {
        if (_row is { } row && ReferenceEquals(state.Data, draft.Before?.Data))
            return row.Tags;
        var tags = _definition!.Tags(draft.Data ??= _definition.Read(_tools.Codec.Decode(state.Data).Span));
        return _row is { } old && old.Tags.SequenceEqual(tags) ? old.Tags : tags;
    }

    private SagaCommit CommitOf(Draft draft) => new()
    {
        Id = draft.Entries.Count > 0 ? draft.Entries[0].Commit : _tools.Runtime.Ids.NewCommitId(),
        At = Now,
        Saga = Key,
        Number = _number,
        ExpectedRevision = draft.Before?.Revision ?? 0,
        Entries = draft.Entries,
        NewSaga = draft.Before is null ? draft.State!.Identity : null,
        Row = draft.Row,
        Request = draft.Request,
    };

    private SagaInput InputOf(Letter letter, Draft draft)
    {
        var input = letter.Call.Input;
        if (input is SagaInput.Answer answer)
            return letter.Attempt is not { } attempt ? Known(answer, draft)
                : answer.Outcome is StepOutcome.Succeeded ? answer with { Outcome = Fold(letter, draft, attempt, answer) }
                : answer;
        if (_inFlight.Count == 0 || input is SagaInput.Start)
            return input;

        // One that timed out is in flight until that is decided: what it did must not be forgotten.
        var inFlight = _inFlight.Where(attempt => attempt.Work.Direction == StepDirection.Do && !IsAnswered(draft, attempt)).Select(attempt => attempt.Work.Step.Path);
        return input with { InFlight = [.. inFlight] };
    }

    /// <summary>A success of another process's attempt comes without its result. It matters where the step was given up, because then it is undone;
    /// where the step is still open it is made again with the same key, as after any interruption, and that answer has the result.</summary>
    private SagaInput Known(SagaInput.Answer answer, Draft draft) =>
        answer is { Direction: StepDirection.Do, Outcome: StepOutcome.Succeeded } && SagaDecider.Takes(_definition!.Plan, draft.State!, answer.Path, answer.Run)
            ? new SagaInput.Interrupt(answer.Path, answer.Direction, answer.Run, answer.Attempt)
            : answer;

    /// <summary>Folds the result of a success into the data, by the user's pure function, once.</summary>
    private StepOutcome Fold(Letter letter, Draft draft, Attempt attempt, SagaInput.Answer answer)
    {
        var plan = _definition!.Plan;
        if (answer.Direction == StepDirection.Undo || letter.Acted is null || !SagaDecider.Takes(plan, draft.State!, answer.Path, answer.Run))
            return answer.Outcome;
        if (letter.Folded is { } known && ReferenceEquals(known.Before, draft.Data))
            return known.Outcome;
        StepOutcome outcome;
        object? before = null;
        object? after;
        try
        {
            before = draft.Data ??= ReadData(draft.State!);
            after = _definition.Fold(attempt.Work.Step.Index, before, letter.Acted);
            outcome = ReferenceEquals(before, after) ? answer.Outcome : new StepOutcome.Succeeded(Encode(after));
        }
        catch (Exception exception)
        {
            after = before;
            outcome = new StepOutcome.Unfoldable(StepRunner.ErrorOf(exception));
        }

        if (before is not null)
            letter.Folded = (before, after!, outcome);
        return outcome;
    }

    /// <summary>Reads the data, and keeps it where it is the saga's own: the fold that is kept for the next try belongs to this very object.</summary>
    private object ReadData(SagaState state)
    {
        var data = _definition!.Read(_tools.Codec.Decode(state.Data).Span);
        if (ReferenceEquals(state.Data, _state?.Data))
            _data = data;
        return data;
    }

    private Payload Encode(object data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var bytes = _definition!.Write(data);
        if (bytes.Length > _tools.Options.MaxDataBytes)
            throw new InvalidOperationException($"The saga's data would have {bytes.Length:N0} bytes; at most {_tools.Options.MaxDataBytes:N0} are allowed ({nameof(SagaOptions.MaxDataBytes)}).");
        _ = _definition.Tags(data);
        return _tools.Codec.Encode(bytes, Payload.Json);
    }

    private SagaDefinition DefinitionOf(Letter letter)
    {
        var plan = letter.Call.Plan ?? throw new InvalidOperationException("A start must name its definition.");
        return _tools.Catalog.Find(plan.Type, plan.Version) ?? throw new InvalidOperationException($"Version {plan.Version} of the saga type '{plan.Type}' is not defined here.");
    }

    private static bool IsAnswered(Draft draft, Attempt attempt)
    {
        foreach (var (letter, decision) in draft.Taken)
            if (letter.Attempt == attempt)
                return true;
        return false;
    }
}
