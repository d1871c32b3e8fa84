using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using static OrleansSagas.Tests.Decisions.Properties;

namespace OrleansSagas.Tests.Decisions;

/// <summary>What holds of every saga, whatever happens to it and in whatever order.</summary>
public sealed class DeciderProperties
{
    [Fact]
    public void Decide_GivenTheSameInputTwice_ChangesNothing() =>
        HoldAtEachTurn(
            Script.Any,
            (history, turn) =>
            {
                // A second adoption is a second owner; retry, skip and resolve without a name mean the next stuck step.
                if (!turn.IsTaken || turn.Input is SagaCommand.TakeOver)
                    return;
                var input = turn.Input;
                if (turn.Events.Count > 0)
                    input = turn.Events[0] switch
                    {
                        SagaEvent.UndoRetried what => new SagaCommand.RetryUndo(what.Path),
                        SagaEvent.UndoSkipped what => new SagaCommand.SkipUndo(what.Path),
                        SagaEvent.UndoResolved what => new SagaCommand.ResolveUndo(what.Path),
                        _ => input,
                    };

                if (SagaDecider.Decide(history.Plan, turn.After, input, turn.Now) is Decision.Accepted again)
                {
                    Assert.Empty(again.Events);
                    Assert.Equal(turn.After, again.Next);
                }
            }
        );

    [Fact]
    public void Decide_IsAFunctionOfItsArguments() =>
        HoldAtEachTurn(
            Script.Any,
            (history, turn) =>
            {
                var again = SagaDecider.Decide(history.Plan, turn.Before, turn.Input, turn.Now);

                if (turn.Decision is Decision.Accepted happened)
                {
                    var same = Assert.IsType<Decision.Accepted>(again);
                    Assert.Equal(happened.Events, same.Events);
                    Assert.Equal(happened.Next, same.Next);
                }
                else
                {
                    Assert.Equal(turn.Decision, again);
                }
            }
        );

    [Fact]
    public void Evolve_FoldsTheEventsToWhatDecideReturned() =>
        Hold(
            Script.Any,
            history =>
            {
                var state = SagaDecider.Evolve(null, Assert.Single(history.Start.Events), Story.Noon);
                Assert.Equal(history.Start.Next, state);
                foreach (var turn in history.Turns)
                {
                    foreach (var what in turn.Events)
                    {
                        var next = SagaDecider.Evolve(state, what, turn.Now);
                        Assert.Equal(state.Revision + 1, next.Revision);
                        state = next;
                    }

                    Assert.Equal(turn.After, state);
                }
            }
        );

    [Fact]
    public void Outstanding_WhileItRunsOrIsUndone_IsNeverNothing() =>
        HoldInEachState(
            Script.Any,
            (history, state) =>
            {
                if (state.Status is SagaStatus.Running or SagaStatus.Compensating)
                    Assert.False(SagaDecider.PendingWork(history.Plan, state).IsNothing, "nothing is outstanding");
            }
        );

    [Fact]
    public void Outstanding_WhereThereIsNothingToBegin_IsATimeAtWhichSomethingHappens() =>
        HoldInEachState(
            Script.Any,
            (history, state) =>
            {
                if (SagaDecider.PendingWork(history.Plan, state) is { Work: null, WakeAt: { } wakeAt })
                    Assert.NotEmpty(
                        Assert
                            .IsType<Decision.Accepted>(SagaDecider.Decide(history.Plan, state, new SagaCommand.TimePassed(), wakeAt))
                            .Events
                    );
            }
        );

    [Fact]
    public void Outstanding_WhilePausedOrEnded_IsNoWork() =>
        HoldInEachState(
            Script.Any,
            (history, state) =>
            {
                var outstanding = SagaDecider.PendingWork(history.Plan, state);
                if (state.IsPaused)
                    Assert.Null(outstanding.Work);
                if (state.Status.IsTerminal())
                    Assert.True(outstanding.IsNothing, "an ended saga has something outstanding");
            }
        );

    [Fact]
    public void Decide_AfterTheEnd_TakesNothing() =>
        Hold(
            Script.Any,
            history =>
            {
                var ended = false;
                foreach (var turn in history.Turns)
                {
                    Assert.False(ended && turn.IsTaken, "an ended saga took an input");
                    ended |= turn.After.Ended is not null;
                }

                if (!ended)
                    return;
                var path = history.Plan.Steps[0].Path;
                SagaCommand[] inputs =
                [
                    new SagaCommand.Start(Story.Key, Story.Data("0")),
                    new SagaCommand.TakeOver(new(9), true),
                    new SagaCommand.Interrupt(path, StepDirection.Do, 1, 1),
                    new SagaCommand.TimePassed(),
                    new SagaCommand.Cancel(),
                    new SagaCommand.Terminate(),
                    new SagaCommand.Pause(),
                    new SagaCommand.Resume(),
                    new SagaCommand.RetryUndo(),
                    new SagaCommand.SkipUndo(),
                    new SagaCommand.ResolveUndo(),
                    new SagaCommand.Answer(path, StepDirection.Do, 1, 1, new StepOutcome.Succeeded()),
                    new SagaCommand.Answer(path, StepDirection.Undo, 1, 1, new StepOutcome.Succeeded()),
                ];
                foreach (var input in inputs)
                    _ = Assert.IsType<Decision.Rejected>(SagaDecider.Decide(history.Plan, history.State, input, Story.Noon.AddYears(1)));
            }
        );

    [Fact]
    public void Outstanding_WhenUndoing_IsTheLastStepThatIsNotSettled() =>
        HoldInEachState(
            Script.Honest,
            (history, state) =>
            {
                if (SagaDecider.PendingWork(history.Plan, state).Work is not { Direction: StepDirection.Undo } work)
                    return;
                foreach (var later in history.Plan.Steps)
                    if (later.Index > work.Step.Index && state.Find(later.Path) is { } step)
                        Assert.True(IsSettled(later, step), $"'{work.Step.Path}' is being undone while '{later.Path}' is {step.Phase}");
            }
        );

    [Fact]
    public void Outstanding_GoingForward_IsTheFirstStepThatIsNotDone() =>
        HoldInEachState(
            Script.Any,
            (history, state) =>
            {
                if (SagaDecider.PendingWork(history.Plan, state).Work is not { } work)
                    return;
                Assert.Equal(state.Direction == SagaDirection.Forward ? StepDirection.Do : StepDirection.Undo, work.Direction);
                if (work.Direction == StepDirection.Do)
                    Assert.All(
                        history.Plan.Steps,
                        step => Assert.Equal(step.Index < work.Step.Index, state.Find(step.Path)?.Phase == StepPhase.Done)
                    );
            }
        );

    [Fact]
    public void Outstanding_OfAnUndo_IsOnlyOfAStepThatMayHaveBeenDone() =>
        HoldAtEachTurn(
            Script.Honest,
            (history, turn) =>
            {
                if (SagaDecider.PendingWork(history.Plan, turn.After).Work is not { Direction: StepDirection.Undo } work)
                    return;
                var path = work.Step.Path;
                Assert.True(work.Step.HasUndo);
                Assert.Contains(history.Begun, attempt => attempt.Path == path && attempt.Direction == StepDirection.Do);
                Assert.Contains(history.Turns, past => past.IsTaken && MayTellOfAnEffect(history, past, path));
            }
        );

    [Fact]
    public void Decide_AtTheEnd_HasDealtWithEveryEffect() =>
        HoldAtEachTurn(
            Script.Any,
            (history, turn) =>
            {
                if (turn.After.Status is not (SagaStatus.Compensated or SagaStatus.Failed or SagaStatus.Cancelled))
                    return;
                foreach (var step in history.Plan.Steps.Where(step => step.HasUndo))
                    if (history.Turns.Any(past => past.IsTaken && MayTellOfAnEffect(history, past, step.Path)))
                        Assert.Contains(
                            turn.After.Find(step.Path)!.Phase,
                            new[] { StepPhase.Undone, StepPhase.UndoSkipped, StepPhase.UndoResolved }
                        );
            }
        );

    [Fact]
    public void Decide_WhenASuccessCameAfterAnUndoWasBegun_UndoesItInALaterRun() =>
        Hold(
            Script.Honest,
            history =>
            {
                var owed = new Dictionary<StepPath, int>();
                var begun = new Dictionary<StepPath, int>();
                foreach (var turn in history.Turns)
                {
                    // What was outstanding and due before this turn was begun.
                    if (
                        SagaDecider.PendingWork(history.Plan, turn.Before).Work is { Direction: StepDirection.Undo } work
                        && work.IsDue(turn.Now)
                    )
                        begun[work.Step.Path] = work.Run;
                    switch (turn)
                    {
                        case {
                            IsTaken: true,
                            Input: SagaCommand.Answer
                            {
                                Direction: StepDirection.Do,
                                Outcome: StepOutcome.Succeeded or StepOutcome.ResultRejectedByFold
                            } answer
                        }:
                            owed[answer.Path] = begun.GetValueOrDefault(answer.Path) + 1;
                            break;
                        case {
                            IsTaken: true,
                            Input: SagaCommand.Answer
                            {
                                Direction: StepDirection.Undo,
                                Outcome: StepOutcome.Succeeded or StepOutcome.ResultRejectedByFold
                            } answer
                        }:
                            if (answer.Run >= owed.GetValueOrDefault(answer.Path))
                                _ = owed.Remove(answer.Path);
                            break;
                    }

                    if (turn.After.Status is SagaStatus.Compensated or SagaStatus.Failed or SagaStatus.Cancelled && turn.IsTaken)
                        foreach (var path in owed.Keys.Where(path => history.Plan.Find(path)!.HasUndo))
                            Assert.Contains(turn.After.Find(path)!.Phase, new[] { StepPhase.UndoSkipped, StepPhase.UndoResolved });
                }
            }
        );

    [Fact]
    public void Decide_WhenAStepSucceeds_SwallowsNoSuccess() =>
        HoldAtEachTurn(
            Script.Honest,
            (_, turn) =>
            {
                if (
                    turn.Before.Ended is not null
                    || turn
                        is not {
                            IsTaken: false,
                            Input: SagaCommand.Answer
                            {
                                Direction: StepDirection.Do,
                                Outcome: StepOutcome.Succeeded or StepOutcome.ResultRejectedByFold
                            } answer
                        }
                )
                    return;
                var step = turn.Before.Find(answer.Path);
                Assert.True(
                    step is { Phase: StepPhase.Done } or { UndoAgain: true },
                    $"the success of '{answer.Path}' was refused though it was not known"
                );
            }
        );

    [Fact]
    public void Evolve_ClearsUncertaintyByASuccessOnly() =>
        HoldAtEachTurn(
            Script.Any,
            (history, turn) =>
            {
                foreach (var step in turn.Before.Steps)
                    if (step.Uncertain && !turn.After.Find(step.Path)!.Uncertain)
                        Assert.True(
                            turn.Input
                                is SagaCommand.Answer
                                {
                                    Direction: StepDirection.Do,
                                    Outcome: StepOutcome.Succeeded or StepOutcome.ResultRejectedByFold
                                } answer
                                && answer.Path == step.Path,
                            $"'{step.Path}' is certain after {turn.Input}"
                        );
                foreach (var step in turn.After.Steps)
                    if (step.Phase == StepPhase.NotDone)
                        Assert.False(step.Uncertain);
                    else if (step.Phase == StepPhase.Unknown)
                        Assert.True(step.Uncertain);
            }
        );

    [Fact]
    public void Decide_WhenNobodyKnowsWhatAnAttemptDid_IsUncertain() =>
        HoldAtEachTurn(
            Script.Any,
            (history, turn) =>
            {
                var before = SagaDecider.PendingWork(history.Plan, turn.Before with { IsPaused = false }).Work;
                if (
                    turn is { IsTaken: true, Input: SagaCommand.Answer { Direction: StepDirection.Do, Outcome: StepOutcome.Failed } answer }
                )
                    Assert.True(turn.After.Find(answer.Path)!.Uncertain, "a failed attempt left no doubt");
                else if (
                    turn is { IsTaken: true, Input: SagaCommand.TakeOver { OwnerDied: true } }
                    && !IsAfterAPause(history, turn)
                    && before is { Direction: StepDirection.Do } work
                    && work.IsDue(turn.Now)
                )
                    Assert.True(turn.After.Find(work.Step.Path)!.Uncertain, "a lost attempt left no doubt");
                else if (
                    turn is { IsTaken: true, Input: SagaCommand.Interrupt { Direction: StepDirection.Do } interrupt }
                    && before is { Direction: StepDirection.Do } next
                    && next.Step.Path == interrupt.Path
                    && next.Run == interrupt.Run
                    && next.Attempt == interrupt.Attempt
                )
                    Assert.True(turn.After.Find(interrupt.Path)!.Uncertain, "an interrupted attempt left no doubt");
            }
        );

    [Fact]
    public void Decide_WhenTheOwnerDied_CountsWhatWasBegun() =>
        HoldAtEachTurn(
            Script.Honest,
            (history, turn) =>
            {
                if (turn is not { IsTaken: true, Input: SagaCommand.TakeOver adopt })
                    return;
                var before = SagaDecider.PendingWork(history.Plan, turn.Before with { IsPaused = false }).Work;
                var isWaitedFor =
                    turn.Before.Direction == SagaDirection.Compensating && turn.Before.Steps.Any(step => step.Phase == StepPhase.Open);
                var wasBegun = before is { } work ? work.IsDue(turn.Now) && !IsAfterAPause(history, turn) : isWaitedFor;
                var lost =
                    turn.Events.Skip(1).FirstOrDefault()
                    is SagaEvent.AttemptFailed
                        or SagaEvent.UndoFailed
                        or SagaEvent.StepFailed { Error.Type: "lost" };

                Assert.Equal(adopt.OwnerDied && wasBegun, lost);
                Assert.IsType<SagaEvent.OwnershipTaken>(turn.Events[0]);
                if (
                    lost
                    && before is { } begun
                    && SagaDecider.PendingWork(history.Plan, turn.After with { IsPaused = false }).Work is { } next
                )
                    Assert.NotEqual(
                        (begun.Step, begun.Direction, begun.Run, begun.Attempt),
                        (next.Step, next.Direction, next.Run, next.Attempt)
                    );
            }
        );

    [Fact]
    public void Outstanding_NeverExceedsTheMaximumOfAttempts() =>
        HoldInEachState(
            Script.Any,
            (history, state) =>
            {
                if (SagaDecider.PendingWork(history.Plan, state).Work is not { } work)
                    return;
                var forgiven = work.Direction == StepDirection.Undo ? state.Find(work.Step.Path)!.UndoAttemptsReset : 0;
                Assert.InRange(work.Attempt - forgiven, 1, work.Step.RetryOf(work.Direction).MaxAttempts ?? int.MaxValue);
            }
        );

    [Fact]
    public void Decide_GivesAStepUp_OnlyAtItsMaximumOrForAReason() =>
        HoldAtEachTurn(
            Script.Any,
            (history, turn) =>
            {
                foreach (var what in turn.Events)
                {
                    var (path, direction, attempt) = what switch
                    {
                        SagaEvent.StepFailed givenUp => (givenUp.Path, StepDirection.Do, givenUp.Attempt),
                        SagaEvent.UndoFailed givenUp => (givenUp.Path, StepDirection.Undo, givenUp.Attempt),
                        _ => (default, default, 0),
                    };
                    if (
                        attempt == 0
                        || turn.Input is SagaCommand.Answer { Outcome: not StepOutcome.Failed { WorthRetrying: true } }
                        || turn.After.Direction != turn.Before.Direction
                            && direction == StepDirection.Do
                            && turn.After.Reason != SagaEndReason.Failed
                    )
                        continue;
                    if (direction == StepDirection.Do && turn.Before.Direction == SagaDirection.Compensating)
                        continue;
                    var forgiven = direction == StepDirection.Undo ? turn.Before.Find(path)!.UndoAttemptsReset : 0;
                    Assert.Equal(history.Plan.Find(path)!.RetryOf(direction).MaxAttempts, attempt - forgiven);
                }
            }
        );

    [Fact]
    public void Decide_WhenAnOperatorRetries_AllowsAsManyAttemptsAgain() =>
        HoldAtEachTurn(
            Script.Any,
            (history, turn) =>
            {
                foreach (var retried in turn.Events.OfType<SagaEvent.UndoRetried>())
                    Assert.Equal(1, turn.After.Find(retried.Path)!.UndoAttempt - turn.After.Find(retried.Path)!.UndoAttemptsReset);
            }
        );

    [Fact]
    public void Evolve_ChangesARunOnlyToUndoAgain() =>
        HoldAtEachTurn(
            Script.Any,
            (_, turn) =>
            {
                foreach (var step in turn.After.Steps)
                {
                    Assert.Equal(1, step.Run);
                    var before = turn.Before.Find(step.Path)?.UndoRun ?? 1;
                    if (step.UndoRun == before)
                        continue;
                    Assert.Equal(before + 1, step.UndoRun);
                    Assert.Contains(
                        turn.Events,
                        what =>
                            what is SagaEvent.SucceededLate late && late.Path == step.Path
                            || what is SagaEvent.UndoSucceeded undone && undone.Path == step.Path
                    );
                }
            }
        );

    [Fact]
    public void Decide_WhenItRetries_PausesWithinTheBounds()
    {
        var longestShare = 0.0;
        HoldAtEachTurn(
            Script.Any,
            (history, turn) =>
            {
                foreach (var failed in turn.Events.OfType<SagaEvent.AttemptFailed>())
                {
                    var policy = history.Plan.Find(failed.Path)!.RetryOf(failed.Direction);
                    var forgiven = failed.Direction == StepDirection.Undo ? turn.Before.Find(failed.Path)!.UndoAttemptsReset : 0;
                    var longest =
                        turn.Input is SagaCommand.TakeOver
                            ? 0
                            : Math.Min(
                                policy.MaxDelay.TotalMilliseconds,
                                policy.Delay.TotalMilliseconds * Math.Pow(policy.Factor, failed.Attempt - forgiven - 1)
                            );
                    var pause = (failed.RetryAt - turn.Now).TotalMilliseconds;
                    Assert.InRange(pause, 0, longest);
                    if (longest > 1)
                        longestShare = Math.Max(longestShare, pause / longest);
                }
            }
        );

        // The jitter may make any one pause as short as it likes, but not all of them.
        Assert.InRange(longestShare, 0.75, 1);
    }

    [Fact]
    public void Evolve_TurnsBackOnceAndForOneReason() =>
        HoldAtEachTurn(
            Script.Any,
            (_, turn) =>
            {
                Assert.InRange(
                    turn.Events.Count(what => what is SagaEvent.CompensationStarted),
                    0,
                    turn.Before.Direction == SagaDirection.Forward ? 1 : 0
                );
                Assert.True(turn.After.Direction >= turn.Before.Direction, "a saga went forward again");
                if (turn.Before.Reason is { } reason)
                    Assert.True(
                        turn.After.Reason == reason || turn.After.Status == SagaStatus.Terminated,
                        $"the reason {reason} became {turn.After.Reason}"
                    );
                Assert.Equal(
                    turn.After.Direction == SagaDirection.Compensating || turn.After.Status == SagaStatus.Terminated,
                    turn.After.Reason is not null
                );
            }
        );

    [Fact]
    public void Decide_AfterTheDeadline_GoesForwardOnlyWhilePaused() =>
        HoldAtEachTurn(
            Script.Any,
            (history, turn) =>
            {
                if (turn.IsTaken && turn.After is { Ended: null, Direction: SagaDirection.Forward, IsPaused: false })
                    Assert.False(Story.Noon + history.Plan.Deadline <= turn.Now, "the deadline was passed by");
                if (turn.Events.OfType<SagaEvent.CompensationStarted>().Any(turned => turned.Reason == SagaEndReason.Deadline))
                    Assert.False(turn.After.IsPaused, "the deadline acted on a paused saga");
            }
        );

    [Fact]
    public void Decide_WhenItTurnsBackWithAnAttemptInFlight_UndoesNothingBeforeItsAnswerOrTheEndOfTheGrace() =>
        Hold(
            Script.Honest,
            history =>
            {
                var turned = history.Turns.FirstOrDefault(turn => turn.Events.Any(what => what is SagaEvent.CompensationStarted));
                if (turned is null || turned.Input.InFlight.IsEmpty || turned.Input is SagaCommand.Answer)
                    return;
                var path = turned.Input.InFlight.SingleOrDefault(path => turned.Before.Find(path) is not { Phase: StepPhase.Done });
                if (path == default)
                    return;
                Assert.Equal(StepPhase.Open, turned.After.Find(path)!.Phase);
                Assert.Equal(turned.Now + SagaDecider.Grace, turned.After.LateAnswerDeadline);
                foreach (var turn in history.Turns.SkipWhile(turn => turn != turned))
                {
                    if (
                        turn.IsTaken
                            && turn.Input is SagaCommand.Answer or SagaCommand.TakeOver { OwnerDied: true } or SagaCommand.Terminate
                        || turn.Now >= turned.After.LateAnswerDeadline
                    )
                        return;
                    Assert.Equal(new PendingWork(null, turned.After.LateAnswerDeadline), SagaDecider.PendingWork(history.Plan, turn.After));
                }
            }
        );

    [Fact]
    public void Status_SaysWhatIs() =>
        HoldInEachState(
            Script.Any,
            (history, state) =>
            {
                var anyUndone = state.Steps.Any(step => step.Phase is StepPhase.Undone or StepPhase.UndoSkipped or StepPhase.UndoResolved);
                var stuck = state.Steps.Any(step => step.Phase == StepPhase.UndoFailed);
                var allDone = state.Steps.Length == history.Plan.Steps.Length && state.Steps.All(step => step.Phase == StepPhase.Done);
                var unsettled = history.Plan.Steps.Any(step => state.Find(step.Path) is { } known && !IsSettled(step, known));

                Assert.True(
                    state.Status switch
                    {
                        SagaStatus.Running => state is { Direction: SagaDirection.Forward, IsPaused: false } && !stuck && !allDone,
                        SagaStatus.Compensating => state is { Direction: SagaDirection.Compensating, IsPaused: false }
                            && !stuck
                            && unsettled,
                        SagaStatus.Paused => state.IsPaused && !stuck && (state.Direction == SagaDirection.Forward ? !allDone : unsettled),
                        SagaStatus.Stuck => stuck && state.Direction == SagaDirection.Compensating,
                        SagaStatus.Completed => allDone && state.Direction == SagaDirection.Forward,
                        SagaStatus.Compensated => anyUndone && !unsettled && state.Reason is SagaEndReason.Failed or SagaEndReason.Deadline,
                        SagaStatus.Failed => !anyUndone && !unsettled && state.Reason is SagaEndReason.Failed or SagaEndReason.Deadline,
                        SagaStatus.Cancelled => !unsettled && state.Reason == SagaEndReason.Cancelled,
                        SagaStatus.Terminated => state.Reason == SagaEndReason.Terminated,
                        _ => false,
                    },
                    $"{state.Status} with {string.Join(", ", state.Steps.Select(step => $"{step.Path} {step.Phase}"))}, reason "
                        + $"{state.Reason}"
                );
                if (state.Ended is not null && state.Reason == SagaEndReason.Cancelled)
                    Assert.Equal(SagaStatus.Cancelled, state.Status);
            }
        );

    [Fact]
    public void Decide_WhenServicesRecover_EndsEverySaga() =>
        Hold(
            Script.Any,
            history =>
            {
                // At most: a resume, the end of a grace, and for each step its action, its undo, and the same once more after a late
                // success.
                var most = 2 + (4 * history.Plan.Steps.Length);
                Assert.True(history.Drive(most, works: _ => true) is not null, $"not ended after {most} turns: {history.State.Status}");
            }
        );

    [Fact]
    public void Decide_WhenServicesNeverRecover_EndsEverySagaWithAMaximumOnceAnOperatorResolves() =>
        Hold(
            Script.Any,
            history =>
            {
                if (history.Plan.Steps.Any(step => step.Retry.MaxAttempts is null || step.UndoRetry.MaxAttempts is null))
                    return;
                var most =
                    2 + history.Plan.Steps.Sum(step => step.Retry.MaxAttempts!.Value + (2 * (step.UndoRetry.MaxAttempts!.Value + 1)));
                Assert.True(history.Drive(most, works: _ => false) is not null, $"not ended after {most} turns: {history.State.Status}");
            }
        );

    /// <summary>
    /// Whether the saga was paused and something but an adoption happened since: what is outstanding then was never begun.
    /// </summary>
    private static bool IsAfterAPause(History history, Turn turn)
    {
        var (paused, happened) = (false, false);
        foreach (var what in history.Turns.TakeWhile(past => past != turn).SelectMany(past => past.Events))
            (paused, happened) = what switch
            {
                SagaEvent.Paused => (true, false),
                SagaEvent.Resumed => (false, false),
                SagaEvent.OwnershipTaken => (paused, happened),
                _ => (paused, paused),
            };
        return happened;
    }

    private static bool IsSettled(PlanStep plan, StepState step) =>
        step.Phase is StepPhase.NotDone or StepPhase.Undone or StepPhase.UndoSkipped or StepPhase.UndoResolved
        || (!plan.HasUndo && step.Phase is StepPhase.Done or StepPhase.Unknown);

    /// <summary>
    /// Whether a turn told that a step was done or may have been: a success, a failure, an owner that died, an answer that was no longer
    /// waited for.
    /// </summary>
    private static bool MayTellOfAnEffect(History history, Turn turn, StepPath path) =>
        turn.Input switch
        {
            SagaCommand.Answer { Direction: StepDirection.Do, Outcome: not StepOutcome.Rejected } answer when answer.Path == path => true,
            SagaCommand.Interrupt interrupt when interrupt.Path == path => turn.Events.Any(what => what is SagaEvent.StepInterrupted),
            SagaCommand.TakeOver { OwnerDied: true } => turn.Before.Find(path)?.Phase == StepPhase.Open
                || (
                    !IsAfterAPause(history, turn)
                    && SagaDecider.PendingWork(history.Plan, turn.Before with { IsPaused = false }).Work
                        is { Direction: StepDirection.Do } work
                    && work.Step.Path == path
                ),
            _ => turn.Before.Find(path)?.Phase == StepPhase.Open && turn.After.Find(path)?.Phase == StepPhase.Unknown,
        };
}
