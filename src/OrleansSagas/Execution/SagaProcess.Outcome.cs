using OrleansSagas.Decisions;
using OrleansSagas.History;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>Loading, and what follows from what the store answered.</summary>
internal sealed partial class SagaProcess
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private async Task<bool> LoadAsync(List<SagaMessage> messages)
    {
        StoredSaga? stored;
        string? problem;
        try
        {
            stored = await Store.LoadAsync(Key, CancellationToken.None);
            problem = stored is null ? null : await ReadAsync(stored);
            if (_isClosed)
            {
                PassOnAll(messages);
                return false;
            }
        }
        catch (StoreException exception)
        {
            await NotLoadedAsync(messages, new CommandResult.Unavailable(exception.Message));
            return false;
        }

        if (stored is null)
        {
            // A start among them makes it known to all that come after.
            var start = messages.FindIndex(message => message.Call.Input is SagaCommand.Start);
            AnswerAll(
                start < 0 ? messages : messages.Take(start),
                new CommandResult.Refused(RejectionKind.NotFound, $"There is no saga with the id '{Key.Id}'.")
            );
            if (start >= 0)
            {
                messages.RemoveRange(0, start);
                return true;
            }

            Close();
            return false;
        }

        var tookOver = TakeKept() && stored.Row.Owner == _services.Incarnation;

        // Whoever let go in doubt looks once more; where another owns the saga now, that is all.
        if (
            stored.Row.Owner is { } owner
            && owner != _services.Incarnation
            && messages.TrueForAll(message => message.IsTick && !message.IsFromOutside)
        )
        {
            Close();
            return false;
        }

        _number = stored.Number;
        _row = stored.Row;
        if (problem is not null || (!stored.Row.Status.IsTerminal() && _services.Catalog.Find(stored.Identity.Plan) is null))
            return await DeclineAsync(stored, messages, problem);

        // A saga that was held when its holder died had perhaps something running, even if nothing is outstanding because it is paused.
        var ownerDied = stored.Row.Owner is not null;
        var outstanding = SagaDecider.PendingWork(_definition!.Plan, _state!);
        var mayRun = (ownerDied && _state!.Ended is null) || !outstanding.IsNothing;
        _wakeAt = stored.Row.WakeAt ?? outstanding.WakeAt;
        _knowsWhatRuns = tookOver || !mayRun;
        if (!_knowsWhatRuns)
            messages.Insert(0, new SagaMessage(new CommandEnvelope { Input = new SagaCommand.TakeOver(_services.Incarnation, ownerDied) }));
        return true;
    }

    /// <summary>Takes over what runs here since an earlier process of the saga lost its activation; false where nothing was kept.</summary>
    private bool TakeKept()
    {
        if (_services.Host.TakeKept(Key) is not { } kept)
            return false;
        _inFlight.AddRange(kept.InFlight);
        _abandoned.AddRange(kept.Abandoned);
        foreach (var attempt in kept.All)
            if (attempt.AttachTo(this) is { } answer)
                _waiting.Add(answer);
        if (_isReleasing)
            kept.InFlight.ToList().ForEach(Interrupt);
        return true;
    }

    /// <summary>The store did not say what must be known before anything can be decided: it is asked again.</summary>
    private async Task NotLoadedAsync(List<SagaMessage> messages, CommandResult reply)
    {
        AnswerAll(messages, reply);
        messages.RemoveAll(message => message.IsFromOutside || message.IsTick);
        if (messages.Count > 0 && !_services.Host.IsStopped)
        {
            // A step's answer that came too late for the owner before: nobody will repeat it.
            (_state, _definition) = (null, null);
            PutBack(messages);
            await PauseAsync();
            return;
        }

        Close();
        _services.Host.ScheduleReload(Key);
    }

    /// <summary>Reads the stored saga; answers why its history cannot be read, or null.</summary>
    private async ValueTask<string?> ReadAsync(StoredSaga stored)
    {
        try
        {
            var state = await SagaSnapshot.FoldAsync(Store, stored, CancellationToken.None);
            _definition = _services.Catalog.Find(stored.Identity.Plan) ?? new AbsentDefinition(state);
            _state = state;
            _traceParent = stored.Entries.FirstOrDefault(entry => entry.TraceParent is not null)?.TraceParent;
            return null;
        }
        catch (UnreadableHistoryException exception)
        {
            return exception.Message;
        }
    }

    private async Task AcceptAsync(PendingCommit pending)
    {
        var before = _state;
        (_state, _data) = (pending.State, pending.Data);
        _row = pending.Row ?? _row;
        Settle(pending);
        Count(pending);
        MeasureWakeUp();
        if (before is null && pending.Entries.Count > 0)
            _traceParent = pending.Entries[0].TraceParent;
        SayIfStuck(before);
        _knowsWhatRuns |= pending.Entries.Count > 0;
        if (pending.Entries.Count > 0)
            _services.Watch.Changed(Key, _state!.Revision, _state.Ended is null ? null : View);
        await ReplyAsync(pending);
        if (_isClosed)
            return;
        if (_state is null || pending.ShouldRelease)
            Close();
        else
            Dispatch();
    }

    /// <summary>Strikes out the attempts whose answers are dealt with.</summary>
    private void Settle(PendingCommit pending)
    {
        foreach (var (message, _) in pending.Taken)
        {
            if (message.IsTick)
                _timerAt = long.MaxValue;
            if (message.Attempt is not { } attempt)
                continue;
            _inFlight.Remove(attempt);
            _abandoned.Remove(attempt);
            if (!attempt.Returned.Task.IsCompleted)
                _abandoned.Add(attempt);
        }
    }

    private async Task ReplyAsync(PendingCommit pending)
    {
        CommandResult.Taken? taken = null;
        foreach (var (message, decision) in pending.Taken)
        {
            if (decision is Decision.Rejected rejected)
                await RefuseAsync(message, rejected);
            else if (message.IsFromOutside)
                message.Answer(message.Call.WantsView ? taken ??= new CommandResult.Taken(View()) : ReadItYourself);
        }
    }

    private static readonly CommandResult.Taken ReadItYourself = new(View: null);

    private SagaView View() => SagaViews.Of(_definition!.Plan, _state!, _row!.Tags, _services.Codec, Now);

    /// <summary>Refuses, unless the same request id came before: then this is a repeat of what was taken then.</summary>
    private async Task RefuseAsync(SagaMessage message, Decision.Rejected rejected)
    {
        if (rejected.Kind == RejectionKind.LateSuccess)
            SagaProcessLog.LateSuccess(_services.Logger, Key, rejected.Message);
        if (!message.IsFromOutside)
            return;
        if (message.Call.Request is { } request)
        {
            try
            {
                if (await Store.FindRequestAsync(request.Key, Now, CancellationToken.None) is { } earlier)
                {
                    message.Answer(new CommandResult.Repeated(earlier));
                    return;
                }
            }
            catch (StoreException exception)
            {
                message.Answer(new CommandResult.Unavailable(exception.Message));
                return;
            }
        }

        message.Answer(new CommandResult.Refused(rejected.Kind, rejected.Message));
    }

    private void SayIfStuck(SagaState? before)
    {
        if (_state is { IsStuck: true } && before?.IsStuck != true)
            SagaProcessLog.Stuck(_services.Logger, Key, _state.Steps.First(step => step.Phase == StepPhase.UndoFailed).Path.Value);
    }

    /// <summary>The request id came before: that message is answered, and the others are decided anew.</summary>
    private void Repeat(PendingCommit pending, StoredRequest earlier)
    {
        var others = new List<SagaMessage>();
        foreach (var (message, _) in pending.Taken)
        {
            if (ReferenceEquals(message.Call.Request, pending.Request))
                message.Answer(new CommandResult.Repeated(earlier));
            else
                others.Add(message);
        }

        // Without any other message the owner looks once more, whether there is anything that it must stay for.
        PutBack(others.Count > 0 || _state is null ? others : [SagaMessage.Tick()]);
        if (_state is null || IsWithoutCode)
            Close();
    }

    /// <summary>Another owner was faster: cancel what runs here, let go, and give what waits to whoever owns the saga now.</summary>
    private void Lose(PendingCommit pending)
    {
        var isNew = pending.Before is null;
        if (!isNew)
            SagaProcessLog.LostRace(_services.Logger, Key);
        var others = new List<SagaMessage>();
        foreach (var (message, _) in pending.Taken)
        {
            if (isNew && message.Call.Input is SagaCommand.Start)
                message.Answer(new CommandResult.Refused(RejectionKind.Exists, $"A saga with the id '{Key.Id}' exists already."));
            else
                others.Add(message);
        }

        Close();
        PassOnAll(others);
        if (!isNew)
            _services.Host.ScheduleReload(Key);
    }

    /// <summary>Nothing was written: outside callers are told so, and what the saga cannot do without is tried again.</summary>
    private async Task TryAgainAsync(PendingCommit pending, CommitResult result)
    {
        SagaProcessLog.NotCommitted(_services.Logger, Key, result.Outcome, result.Error);
        var kept = new List<SagaMessage>();
        foreach (var (message, _) in pending.Taken)
        {
            if (message.IsFromOutside)
                message.Answer(NotWritten(result));
            else
                kept.Add(message);
        }

        PutBack(kept);
        if (_state is null || IsWithoutCode || _services.Host.IsStopped)
            Close();
        else if (kept.Count > 0)
            await PauseAsync();
        else
        {
            Dispatch();
            PutBack([SagaMessage.Tick()]);
        }
    }

    private static CommandResult.Unavailable NotWritten(CommitResult result) =>
        new($"The store could not write ({result.Error?.Message ?? "the request was withdrawn"}); nothing was done. Repeat the request.");

    private static readonly CommandResult.Unavailable NobodyKnows = new(
        "The store did not say whether it wrote this. Repeat the request with the same Idempotency-Key."
    );

    /// <summary>Nobody knows whether the commit happened: load, and look for its id before anything else.</summary>
    private async Task<CommitResult> SettleAsync(PendingCommit pending, SagaCommit commit, CommitResult result)
    {
        SagaProcessLog.NotCommitted(_services.Logger, Key, result.Outcome, result.Error);
        AnswerAll(pending.Taken.Select(taken => taken.Message), NobodyKnows);
        while (!_isClosed && !_services.Host.IsStopped)
        {
            try
            {
                if (await Store.LoadAsync(Key, CancellationToken.None) is not { } stored)
                    return result with { Outcome = CommitOutcome.NotCommitted };
                if (stored.Entries.Any(entry => entry.Commit == commit.Id))
                    return new CommitResult(CommitOutcome.Committed, stored.Number);
                if (stored.Revision != commit.ExpectedRevision)
                    return result with { Outcome = CommitOutcome.Conflict };

                // A commit without entries leaves no id; what it may have written of the row is seen here.
                if (pending.Before is not null)
                    (_row, _number) = (stored.Row, stored.Number);
                return result with { Outcome = CommitOutcome.NotCommitted };
            }
            catch (StoreException)
            {
                // It still does not answer: whoever waits is told, and it is asked again.
                AnswerAll(_waiting.Where(message => message.IsFromOutside), NobodyKnows);
                _waiting.RemoveAll(message => message.IsFromOutside);
                await PauseAsync();
            }
        }

        return result with
        {
            Outcome = CommitOutcome.NotCommitted,
        };
    }

    private Task PauseAsync()
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(_failures++, 10));
        return Task.Delay(pause < LongestPause ? pause : LongestPause, _services.Runtime.Clock);
    }
}
