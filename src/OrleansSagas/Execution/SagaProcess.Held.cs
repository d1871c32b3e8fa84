using OrleansSagas.Decisions;
using OrleansSagas.Payloads;
using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>What becomes of a saga that cannot go on here: its definition is not here, or its history cannot be read.</summary>
internal sealed partial class SagaProcess
{
    /// <summary>Whether its history could not be read, so that the state says nothing but enough to end it.</summary>
    private bool _isUnread;

    /// <summary>Whether it can only show the saga and end it.</summary>
    private bool IsWithoutCode => _definition is AbsentDefinition;

    /// <summary>
    /// Leaves a saga whose definition is not here, or whose history cannot be read here, to who has what it needs. Where nobody who is
    /// alive has that, the saga becomes held (one that only lacks its definition: when it is due), and an operator can terminate it.
    /// </summary>
    /// <param name="stored">The saga.</param>
    /// <param name="messages">What waits for it.</param>
    /// <param name="unreadable">Why its history cannot be read; null where it can.</param>
    /// <returns>Whether there is something to decide.</returns>
    private async Task<bool> DeclineAsync(StoredSaga stored, List<SagaMessage> messages, string? unreadable)
    {
        // What cannot be read here may have been written by a newer program.
        var needs = new SagaNeeds(stored.Identity.Plan, unreadable is null ? StoredForm.First : StoredForm.Newest + 1);
        if (await LookElsewhereAsync(needs) is { } reply)
        {
            if (reply is CommandResult.Elsewhere)
                LeaveTo(needs, messages);
            else
                await NotLoadedAsync(messages, reply);
            return false;
        }

        if (_isClosed)
        {
            PassOnAll(messages);
            return false;
        }

        var problem = unreadable ?? AbsentDefinition.Describe(needs.Plan, _services.Catalog);
        if (LetsTerminate(stored, messages, problem))
            return true;
        if (
            (unreadable is not null || messages.Exists(static message => message.IsTick))
            && await HoldAsync(stored, problem, unreadable is not null)
            && await LookElsewhereAsync(needs) is not null
        )
        {
            // Who has what it needs came just now, and has perhaps looked for held sagas before this one was.
            _services.Host.ScheduleReload(Key, needs);
        }

        foreach (var message in messages)
            if (message.Call.Input is SagaCommand.Answer { Outcome: StepOutcome.Succeeded } late)
                SagaProcessLog.LateSuccess(_services.Logger, Key, $"Step '{late.Path}' succeeded, and the saga cannot go on here.");
        AnswerAll(messages, new CommandResult.Refused(RejectionKind.NotPossible, problem));
        Close();
        return false;
    }

    /// <summary>Closes, and sends on what nobody outside sends again: to a silo that has what the saga needs.</summary>
    private void LeaveTo(SagaNeeds needs, List<SagaMessage> messages)
    {
        if (messages.Exists(static message => message.IsTick))
            _services.Host.ScheduleReload(Key, needs);
        AnswerAll(messages, new CommandResult.Elsewhere(needs));
        Close();
        foreach (var message in messages)
        {
            if (message.IsTick || message.IsFromOutside)
                continue;
            message.Needs = needs;
            PassOn(message);
        }
    }

    /// <summary>What to answer because what a saga needs is elsewhere, or because nobody can say; null where it is nowhere.</summary>
    private async Task<CommandResult?> LookElsewhereAsync(SagaNeeds needs)
    {
        try
        {
            return await _services.Host.IsElsewhereAsync(needs) ? new CommandResult.Elsewhere(needs) : null;
        }
        catch (StoreException exception)
        {
            return new CommandResult.Unavailable(exception.Message);
        }
    }

    /// <summary>Lets through what terminates a saga that cannot go on, and refuses all else; false where nothing terminates it.</summary>
    private bool LetsTerminate(StoredSaga stored, List<SagaMessage> messages, string problem)
    {
        if (!messages.Exists(IsTermination))
            return false;
        AnswerAll(messages.Where(message => !IsTermination(message)), new CommandResult.Refused(RejectionKind.NotPossible, problem));
        messages.RemoveAll(message => !IsTermination(message));
        if (_state is null)
        {
            _isUnread = true;
            _state = UnreadState(stored);
            _definition = new AbsentDefinition(_state);
        }

        return true;
    }

    /// <summary>What can be said of a saga without its history: enough to end it after its last entry.</summary>
    private static SagaState UnreadState(StoredSaga stored) =>
        new()
        {
            Key = stored.Key,
            Identity = stored.Identity,
            Revision = stored.Revision,
            Data = new Payload(default, ContentType: ""),
            UpdatedAt = stored.Row.EndedAt ?? stored.UpdatedAt,
            Reason = stored.Row.Reason,
            Ended = stored.Row.Status.IsTerminal() ? stored.Row.Status : null,
        };

    private static bool IsTermination(SagaMessage message) => message.Call.Input is SagaCommand.Terminate;

    /// <summary>
    /// Answers a start at the front whose definition is not here, or whose data nobody could check before and is none; false where it did.
    /// </summary>
    private async Task<bool> AcceptsStartAsync(List<SagaMessage> messages)
    {
        var (message, call) = (messages[0], messages[0].Call);
        var plan = call.Plan!;
        if (_services.Catalog.Find(plan) is { } definition)
        {
            if (!call.IsUnchecked)
                return true;
            if (
                StartData.FindFault(definition, _services.Codec.Decode(((SagaCommand.Start)call.Input).Data).Span, out var data)
                is not { } fault
            )
            {
                messages[0] = new SagaMessage(call with { StartData = data }) { Reply = message.Reply };
                return true;
            }

            message.Answer(new CommandResult.Refused(RejectionKind.InvalidData, fault));
        }
        else
        {
            message.Answer(
                await LookElsewhereAsync(new SagaNeeds(plan))
                    ?? new CommandResult.Refused(
                        RejectionKind.NotDefined,
                        $"Version {plan.Version} of the saga type '{plan.Type}' is not defined here. Deploy it first."
                    )
            );
        }

        PutBack(messages.Skip(1));
        if (_waiting.Count == 0)
            Close();
        return false;
    }

    /// <summary>
    /// Makes a saga that cannot go on visible as held, with the cause. It stops nobody else, and is taken up again when a process starts
    /// that has its definition.
    /// </summary>
    /// <returns>Whether the row says so now.</returns>
    private async Task<bool> HoldAsync(StoredSaga stored, string problem, bool isUnreadable)
    {
        if (stored.Row.Status.IsTerminal())
            return false;
        if (stored.Row.Status == SagaStatus.Held && stored.Row.Problem == problem)
            return true;
        SagaProcessLog.Held(_services.Logger, Key, problem);
        var row = stored.Row with
        {
            Status = SagaStatus.Held,
            Problem = problem,
            Owner = stored.Row.Owner is null ? null : Incarnation.Dead,
            WakeAt = null,
            Snapshot = stored.Row.SnapshotRevision > 0 ? stored.Row.Snapshot : null, // a row that is read back may have an empty one
        };
        var result = await Store.CommitAsync(
            new SagaCommit
            {
                Id = _services.Runtime.Ids.NewCommitId(),
                At = Now,
                Saga = Key,
                Number = stored.Number,
                ExpectedRevision = stored.Revision,
                Row = row,
            },
            CancellationToken.None
        );
        if (result.Outcome == CommitOutcome.Committed)
            _services.Instruments.Held(stored.Identity.Type, isUnreadable);
        else
            _services.Host.ScheduleReload(Key);
        return result.Outcome == CommitOutcome.Committed;
    }
}
