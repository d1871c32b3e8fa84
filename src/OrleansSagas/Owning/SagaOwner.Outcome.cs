using OrleansSagas.Deciding;
using OrleansSagas.History;
using OrleansSagas.Planning;
using OrleansSagas.Storing;

namespace OrleansSagas.Owning;

/// <summary>Loading, and what follows from what the store answered.</summary>
internal sealed partial class SagaOwner
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private async Task<bool> LoadAsync(List<Letter> letters)
    {
        StoredSaga? stored;
        string? problem;
        try
        {
            stored = await Store.LoadAsync(Key, CancellationToken.None);
            problem = stored is null ? null : await ReadAsync(stored);
        }
        catch (StoreException exception)
        {
            AnswerAll(letters, new SagaReply.Unavailable(exception.Message));
            letters.RemoveAll(letter => letter.IsFromOutside || letter.IsTick);
            if (letters.Count > 0 && !_tools.Host.IsStopped)
            {
                // A step's answer that came too late for the owner before: nobody will repeat it.
                _mailbox.PutBack(letters);
                await PauseAsync();
                return false;
            }

            Close();
            _tools.Host.Revive(Key);
            return false;
        }

        if (stored is null)
        {
            // A start among them makes it known to all that come after.
            var start = letters.FindIndex(letter => letter.Call.Input is SagaInput.Start);
            AnswerAll(start < 0 ? letters : letters.Take(start), new SagaReply.Refused(RejectionKind.NotFound, $"There is no saga with the id '{Key.Id}'."));
            if (start >= 0)
            {
                letters.RemoveRange(0, start);
                return true;
            }

            Close();
            return false;
        }

        // Whoever let go in doubt looks once more; where another owns the saga now, that is all.
        if (stored.Row.Owner is { } owner && owner != _tools.Incarnation && letters.TrueForAll(letter => letter.IsTick && !letter.IsFromOutside))
        {
            Close();
            return false;
        }

        _number = stored.Number;
        _row = stored.Row;
        if (problem is not null)
        {
            await MarkUnreadableAsync(stored, problem);
            AnswerAll(letters, new SagaReply.Refused(RejectionKind.NotPossible, problem));
            Close();
            return false;
        }

        // A saga that an owner held when it died had perhaps something running, even if nothing is outstanding because it is paused.
        var ownerDied = stored.Row.Owner is not null;
        if ((ownerDied && _state!.Ended is null) || !SagaDecider.Outstanding(_definition!.Plan, _state!).IsNothing)
            letters.Insert(0, new Letter(new SagaCall { Input = new SagaInput.Adopt(_tools.Incarnation, ownerDied) }));
        return true;
    }

    /// <summary>Reads the stored saga; answers what is wrong with it, or null.</summary>
    private async ValueTask<string?> ReadAsync(StoredSaga stored)
    {
        var (type, version) = (stored.Identity.Type, stored.Identity.Version);
        if (_tools.Catalog.Find(type, version) is not { } definition)
            return $"Version {version} of the saga type '{type}' is not defined here.";
        try
        {
            _state = await SagaSnapshot.FoldAsync(Store, stored, CancellationToken.None);
            _definition = definition;
            _traceParent = stored.Entries.FirstOrDefault(entry => entry.TraceParent is not null)?.TraceParent;
            return null;
        }
        catch (UnreadableHistoryException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Makes a saga that cannot be read here visible as stuck; it stops nobody else, and the next start tries it again.</summary>
    private async Task MarkUnreadableAsync(StoredSaga stored, string problem)
    {
        OwnerLog.Unreadable(_tools.Logger, Key, problem);
        if (stored.Row.Status.IsTerminal() || (stored.Row.Problem == problem && stored.Row.Owner == _tools.Incarnation))
            return;
        var row = stored.Row with
        {
            Status = SagaStatus.Stuck,
            Problem = problem,
            Owner = _tools.Incarnation,
            WakeAt = null,
            Snapshot = stored.Row.SnapshotRevision > 0 ? stored.Row.Snapshot : null, // a row that is read back may have an empty one
        };
        var result = await Store.CommitAsync(
            new SagaCommit
            {
                Id = _tools.Runtime.Ids.NewCommitId(),
                At = Now,
                Saga = Key,
                Number = stored.Number,
                ExpectedRevision = stored.Entries.Count == 0 ? stored.Row.SnapshotRevision : stored.Entries[^1].Revision,
                Row = row,
            },
            CancellationToken.None);
        if (result.Outcome == CommitOutcome.Committed)
            _tools.Instruments.Stuck(stored.Identity.Type);
        else
            _tools.Host.Revive(Key);
    }

    private async Task AcceptAsync(Draft draft)
    {
        var before = _state;
        (_state, _data) = (draft.State, draft.Data);
        _row = draft.Row ?? _row;
        Settle(draft);
        Count(before, draft);
        if (draft.Entries.Count > 0)
            _tools.Watch.Changed(Key, _state!.Revision);
        await ReplyAsync(draft);
        if (_state is null || draft.LetsGo)
            Close();
        else
            Dispatch();
    }

    /// <summary>Strikes out the attempts whose answers are dealt with.</summary>
    private void Settle(Draft draft)
    {
        foreach (var (letter, _) in draft.Taken)
        {
            if (letter.IsTick)
                _timerAt = long.MaxValue;
            if (letter.Attempt is not { } attempt)
                continue;
            _inFlight.Remove(attempt);
            _orphans.Remove(attempt);
            if (!attempt.Returned.Task.IsCompleted)
                _orphans.Add(attempt);
        }
    }

    private async Task ReplyAsync(Draft draft)
    {
        SagaReply.Taken? taken = null;
        foreach (var (letter, decision) in draft.Taken)
        {
            if (decision is Decision.Rejected rejected)
                await RefuseAsync(letter, rejected);
            else if (letter.AtEnd is not null && _state!.Ended is null)
                _waitingForEnd.Add(letter);
            else if (letter.IsFromOutside)
                letter.Answer(taken ??= new SagaReply.Taken(View()));
            if (letter.AtEnd is not null)
                letter.Reply?.TrySetResult(ReadItYourself);
        }

        if (_state?.Ended is null || _waitingForEnd.Count == 0)
            return;
        foreach (var letter in _waitingForEnd)
            letter.Answer(taken ??= new SagaReply.Taken(View()));
        _waitingForEnd.Clear();
    }

    private static readonly SagaReply.Taken ReadItYourself = new(View: null);

    private SagaView View() => SagaViews.Of(_definition!.Plan, _state!, _row!.Tags, _tools.Codec, Now);

    /// <summary>Refuses, unless the same request id came before: then this is a repeat of what was taken then.</summary>
    private async Task RefuseAsync(Letter letter, Decision.Rejected rejected)
    {
        if (rejected.Kind is RejectionKind.Late or RejectionKind.LateSuccess && letter.Attempt is not null)
            _tools.Instruments.Late(_definition!.Plan.Type);
        if (rejected.Kind == RejectionKind.LateSuccess)
            OwnerLog.LateSuccess(_tools.Logger, Key, rejected.Message);
        if (!letter.IsFromOutside)
            return;
        if (letter.Call.Request is { } request)
        {
            try
            {
                if (await Store.FindRequestAsync(request.Namespace, request.Key, Now, CancellationToken.None) is { } earlier)
                {
                    letter.Answer(new SagaReply.Repeated(earlier));
                    return;
                }
            }
            catch (StoreException exception)
            {
                letter.Answer(new SagaReply.Unavailable(exception.Message));
                return;
            }
        }

        letter.Answer(new SagaReply.Refused(rejected.Kind, rejected.Message));
    }

    private void Count(SagaState? before, Draft draft)
    {
        if (_state is null || _definition is null || draft.Entries.Count == 0)
            return;
        var type = _definition.Plan.Type;
        if (before is null)
        {
            _tools.Instruments.Started(type);
            _traceParent = draft.Entries[0].TraceParent;
        }

        if (_state.Ended is { } ended)
            _tools.Instruments.Ended(type, ended);
        if (!_state.IsStuck || before?.IsStuck == true)
            return;
        _tools.Instruments.Stuck(type);
        OwnerLog.Stuck(_tools.Logger, Key, _state.Steps.First(step => step.Phase == StepPhase.UndoFailed).Path.Value);
    }

    /// <summary>The request id came before: that letter is answered, and the others are decided anew.</summary>
    private void Repeat(Draft draft, StoredRequest earlier)
    {
        var others = new List<Letter>();
        foreach (var (letter, _) in draft.Taken)
        {
            if (ReferenceEquals(letter.Call.Request, draft.Request))
                letter.Answer(new SagaReply.Repeated(earlier));
            else
                others.Add(letter);
        }

        // Without any other letter the owner looks once more, whether there is anything that it must stay for.
        _mailbox.PutBack(others.Count > 0 || _state is null ? others : [Letter.Tick()]);
        if (_state is null)
            Close();
    }

    /// <summary>Another owner was faster: cancel what runs here, let go, and give what waits to whoever owns the saga now.</summary>
    private void Lose(Draft draft)
    {
        var isNew = draft.Before is null;
        if (!isNew)
            OwnerLog.LostRace(_tools.Logger, Key);
        _tools.Instruments.Uncommitted("conflict");
        var others = new List<Letter>();
        foreach (var (letter, _) in draft.Taken)
        {
            if (isNew && letter.Call.Input is SagaInput.Start)
                letter.Answer(new SagaReply.Refused(RejectionKind.Exists, $"A saga with the id '{Key.Id}' exists already."));
            else if (++letter.Forwarded > MaxForwards)
                letter.Answer(new SagaReply.Unavailable($"The saga '{Key.Id}' changes owners; repeat the request."));
            else if (letter.Call.Input is not SagaInput.Adopt)
                others.Add(letter);
        }

        _mailbox.PutBack(others);
        Close();
        if (!isNew)
            _tools.Host.Revive(Key);
    }

    /// <summary>The saga is to be held elsewhere: cancel what runs, give what waits to the next owner, and see to it that there is one.</summary>
    private void Leave(List<Letter> letters)
    {
        _mailbox.PutBack(letters);
        Close();
        _tools.Host.Revive(Key);
    }

    /// <summary>Nothing was written: outside callers are told so, and what the saga cannot do without is tried again.</summary>
    private async Task TryAgainAsync(Draft draft, CommitResult result)
    {
        OwnerLog.NotCommitted(_tools.Logger, Key, result.Outcome, result.Error);
        _tools.Instruments.Uncommitted("not-committed");
        var kept = new List<Letter>();
        foreach (var (letter, _) in draft.Taken)
        {
            if (letter.IsFromOutside)
                letter.Answer(NotWritten(result));
            else
                kept.Add(letter);
        }

        _mailbox.PutBack(kept);
        if (_state is null || _tools.Host.IsStopped)
            Close();
        else if (kept.Count > 0)
            await PauseAsync();
        else
        {
            Dispatch();
            _mailbox.PutBack([Letter.Tick()]);
        }
    }

    private static SagaReply.Unavailable NotWritten(CommitResult result) =>
        new($"The store could not write ({result.Error?.Message ?? "the request was withdrawn"}); nothing was done. Repeat the request.");

    /// <summary>Nobody knows whether the commit happened: load, and look for its id before anything else.</summary>
    private async Task<CommitResult> SettleAsync(Draft draft, SagaCommit commit, CommitResult result)
    {
        OwnerLog.NotCommitted(_tools.Logger, Key, result.Outcome, result.Error);
        _tools.Instruments.Uncommitted("unknown");
        var unknown = new SagaReply.Unavailable("The store did not say whether it wrote this. Repeat the request with the same Idempotency-Key.");
        AnswerAll(draft.Taken.Select(taken => taken.Letter), unknown);
        while (!_tools.Host.IsStopped)
        {
            try
            {
                if (await Store.LoadAsync(Key, CancellationToken.None) is not { } stored)
                    return result with { Outcome = CommitOutcome.NotCommitted };
                if (stored.Entries.Any(entry => entry.Commit == commit.Id))
                    return new CommitResult(CommitOutcome.Committed, stored.Number);
                var revision = stored.Entries.Count == 0 ? stored.Row.SnapshotRevision : stored.Entries[^1].Revision;
                if (revision != commit.ExpectedRevision)
                    return result with { Outcome = CommitOutcome.Conflict };

                // A commit without entries leaves no id; what it may have written of the row is seen here.
                if (draft.Before is not null)
                    (_row, _number) = (stored.Row, stored.Number);
                return result with { Outcome = CommitOutcome.NotCommitted };
            }
            catch (StoreException)
            {
                // It still does not answer: whoever waits is told, and it is asked again.
                AnswerAll(_mailbox.TakeFromOutside(), unknown);
                await PauseAsync();
            }
        }

        return result with { Outcome = CommitOutcome.NotCommitted };
    }

    private Task PauseAsync()
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(_failures++, 10));
        return Task.Delay(pause < LongestPause ? pause : LongestPause, _tools.Runtime.Clock);
    }

    private static void AnswerAll(IEnumerable<Letter> letters, SagaReply reply)
    {
        foreach (var letter in letters)
            letter.Answer(reply);
    }
}
