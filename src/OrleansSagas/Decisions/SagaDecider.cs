using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>The rules of a saga, pure: no I/O, no clock, no randomness.</summary>
/// <remarks>The three functions are in three files: what an input leads to (<c>Decide</c>), what a happening changes
/// (<c>Evolve</c>), and what is to be done then (<c>Outstanding</c>).</remarks>
public static partial class SagaDecider
{
    /// <summary>How long a saga that turns back waits for the answers of attempts in flight: 5 seconds. Their tokens are cancelled at once.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Says what <paramref name="input"/> leads to.</summary>
    /// <param name="plan">The version of the definition that the saga keeps.</param>
    /// <param name="state">What is known of the saga; null where there is none.</param>
    /// <param name="input">What is given to it.</param>
    /// <param name="now">The time; cut to milliseconds, as it is stored.</param>
    public static Decision Decide(SagaPlan plan, SagaState? state, SagaInput input, DateTimeOffset now)
    {
        now = now.ToMilliseconds();
        if (state is null)
            return input is SagaInput.Start start ? Begin(plan, start, now) : new Decision.Rejected(RejectionKind.NotFound, "There is no such saga.");
        if (state.Ended is { } ended)
            return AfterTheEnd(state, input, ended);

        var turn = new Turn(plan, state, now);
        var refusal = input switch
        {
            SagaInput.Start => new Decision.Rejected(RejectionKind.Exists, $"A saga with the id '{state.Key.Id}' exists already."),
            SagaInput.Adopt adopt => Adopt(ref turn, adopt),
            SagaInput.Answer answer => Answer(ref turn, answer),
            SagaInput.Interrupt interrupt => Interrupt(ref turn, interrupt),
            SagaInput.TimePassed => null,
            SagaInput.Cancel cancel => Cancel(ref turn, cancel),
            SagaInput.Terminate terminate => Terminate(ref turn, terminate),
            SagaInput.Pause pause => Pause(ref turn, pause),
            SagaInput.Resume resume => Resume(ref turn, resume),
            SagaInput.RetryUndo retry => OnFailedUndo(ref turn, retry.Path, path => new SagaEvent.UndoRetried(path, retry.Note)),
            SagaInput.SkipUndo skip => OnFailedUndo(ref turn, skip.Path, path => new SagaEvent.UndoSkipped(path, skip.Note)),
            SagaInput.ResolveUndo resolve => OnFailedUndo(ref turn, resolve.Path, path => new SagaEvent.UndoResolved(path, resolve.Note)),
            _ => throw new ArgumentOutOfRangeException(nameof(input), input.GetType().Name, "This input is not known."),
        };
        if (refusal is not null)
            return refusal;
        Settle(ref turn, input);
        return turn.Decision();
    }

    private static Decision.Happened Begin(SagaPlan plan, SagaInput.Start start, DateTimeOffset now)
    {
        var started = new SagaEvent.Started(start.Key, plan.Identity, start.Data, (now + plan.Deadline)?.ToMilliseconds(), start.CorrelationId, start.ParentId)
        {
            RootId = start.RootId,
            Headers = start.Headers,
        };
        return new Decision.Happened([started], Evolve(null, started, now));
    }

    private static Decision.Rejected AfterTheEnd(SagaState state, SagaInput input, SagaStatus ended) => input switch
    {
        SagaInput.Start => new(RejectionKind.Exists, $"A saga with the id '{state.Key.Id}' exists already."),
        SagaInput.Answer { Outcome: StepOutcome.Succeeded or StepOutcome.Unfoldable } answer when ended != SagaStatus.Terminated && !IsSettledSuccess(state, answer) =>
            new(RejectionKind.LateSuccess, $"Step '{answer.Path}' answered that it succeeded, after its saga had ended as {ended}."),
        SagaInput.Answer or SagaInput.Interrupt or SagaInput.TimePassed or SagaInput.Adopt => new(RejectionKind.Late, $"The saga has ended as {ended}."),
        _ => new(RejectionKind.NotPossible, $"The saga '{state.Key.Id}' has ended as {ended}; nothing changes it any more."),
    };

    /// <summary>Whether the success only repeats what is known and stands: the same key, hence the same effect.</summary>
    private static bool IsSettledSuccess(SagaState state, SagaInput.Answer answer) =>
        answer.Direction == StepDirection.Undo || state.Find(answer.Path)?.Phase == StepPhase.Done;

    private static Decision.Rejected? Adopt(ref Turn turn, SagaInput.Adopt adopt)
    {
        var isIdle = turn.State.IsIdle;
        turn.Happen(new SagaEvent.Adopted(adopt.Incarnation));
        if (!adopt.OwnerDied)
            return null;

        var lost = new SagaError("lost", "The process that ran this attempt ended before its answer was recorded.");
        if (!isIdle && NextWork(turn.Plan, turn.State) is { } work && work.IsDue(turn.Now))
            Fail(ref turn, work, new StepOutcome.Failed(lost), pause: TimeSpan.Zero);
        else if (turn.State.Direction == SagaDirection.Back)
            GiveUpOpen(ref turn, lost);
        return null;
    }

    /// <summary>Nothing is decided about the attempt, but that it may have been done must not be forgotten: should it be rejected next time, it is undone.</summary>
    private static Decision.Rejected? Interrupt(ref Turn turn, SagaInput.Interrupt interrupt)
    {
        var step = turn.State.Find(interrupt.Path);
        if (interrupt.Direction == StepDirection.Do && Takes(turn.Plan, turn.State, interrupt.Path, interrupt.Run) && interrupt.Attempt == (step?.Attempt ?? 1) && step?.Uncertain != true)
            turn.Happen(new SagaEvent.StepInterrupted(interrupt.Path, interrupt.Attempt));
        return null;
    }

    private static Decision.Rejected? Answer(ref Turn turn, SagaInput.Answer answer)
    {
        if (turn.Plan.Find(answer.Path) is not { } plan)
            return new Decision.Rejected(RejectionKind.Late, $"The saga has no step '{answer.Path}'.");
        return answer.Direction == StepDirection.Do ? ActionAnswer(ref turn, plan, answer) : UndoAnswer(ref turn, plan, answer);
    }

    private static Decision.Rejected? ActionAnswer(ref Turn turn, PlanStep plan, SagaInput.Answer answer)
    {
        var step = turn.State.Find(plan.Path);
        if (!Takes(turn.Plan, turn.State, plan.Path, answer.Run))
            return Late(ref turn, step, answer);

        // The key never changes, so a success is one whichever attempt it belongs to.
        switch (answer.Outcome)
        {
            case StepOutcome.Succeeded success:
                turn.Happen(new SagaEvent.StepSucceeded(plan.Path, answer.Attempt, success.Data));
                return null;
            case StepOutcome.Unfoldable unfoldable:
                turn.Happen(new SagaEvent.StepGivenUp(plan.Path, answer.Attempt, StepPhase.Done, unfoldable.Error));
                if (turn.State.Direction == SagaDirection.Forward)
                    TurnBack(ref turn, SagaEndReason.Failed, unfoldable.Error, answer);
                return null;
        }

        var work = new StepWork(plan, StepDirection.Do, step?.Run ?? 1, step?.Attempt ?? 1, step?.DueAt);
        if (answer.Attempt != work.Attempt)
            return new Decision.Rejected(RejectionKind.Late, $"Attempt {answer.Attempt} of step '{plan.Path}' was over already.");
        Fail(ref turn, work, answer.Outcome, pause: null);
        return null;
    }

    private static Decision.Rejected? UndoAnswer(ref Turn turn, PlanStep plan, SagaInput.Answer answer)
    {
        var step = turn.State.Find(plan.Path);
        var work = NextWork(turn.Plan, turn.State);
        var isOpen = work is { Direction: StepDirection.Undo } open && open.Step == plan && answer.Run == open.Run;
        if (answer.Outcome is StepOutcome.Succeeded or StepOutcome.Unfoldable)
        {
            if (!isOpen && !(step?.Phase == StepPhase.UndoFailed && answer.Run == step.UndoRun))
                return new Decision.Rejected(RejectionKind.Late, $"The undo of step '{plan.Path}' was over already.");
            turn.Happen(new SagaEvent.UndoSucceeded(plan.Path, answer.Attempt));
            return null;
        }

        if (!isOpen || answer.Attempt != work!.Value.Attempt)
            return new Decision.Rejected(RejectionKind.Late, $"Attempt {answer.Attempt} to undo step '{plan.Path}' was over already.");
        Fail(ref turn, work.Value, answer.Outcome, pause: null);
        return null;
    }

    /// <summary>A success that comes after its step was given up must be undone, once more if it was undone already; anything else is only counted.</summary>
    private static Decision.Rejected? Late(ref Turn turn, StepState? step, SagaInput.Answer answer)
    {
        var changesSomething = answer.Outcome is StepOutcome.Succeeded or StepOutcome.Unfoldable && step?.Phase switch
        {
            null => turn.State.Direction == SagaDirection.Back,
            StepPhase.NotDone or StepPhase.Unknown or StepPhase.Undone or StepPhase.UndoSkipped or StepPhase.UndoResolved => true,
            StepPhase.Undoing or StepPhase.UndoFailed => !step.UndoAgain,
            _ => false,
        };
        if (!changesSomething)
            return new Decision.Rejected(RejectionKind.Late, $"Step '{answer.Path}' was over already.");
        turn.Happen(new SagaEvent.SucceededLate(answer.Path, answer.Attempt));
        return null;
    }

    /// <summary>One attempt failed: try again, or give the step or its undo up. Uncertainty is sticky: a later rejection does not clear it.</summary>
    private static void Fail(ref Turn turn, StepWork work, StepOutcome outcome, TimeSpan? pause)
    {
        var (error, worthRetrying) = outcome switch
        {
            StepOutcome.Failed failed => (failed.Error, failed.WorthRetrying),
            StepOutcome.Rejected rejected => (rejected.Error, false),
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome.GetType().Name, "This outcome is no failure."),
        };
        var state = turn.State;
        var path = work.Step.Path;
        var step = state.Find(path);
        var policy = work.Step.RetryOf(work.Direction);
        var counted = work.Direction == StepDirection.Do ? work.Attempt : work.Attempt - (step?.UndoForgiven ?? 0);
        var goesOn = work.Direction == StepDirection.Undo || state.Direction == SagaDirection.Forward;
        if (worthRetrying && goesOn && policy.AllowsAfter(counted))
        {
            var retryAt = turn.Now + (pause ?? Backoff.PauseAfter(policy, counted, state.Key, path, work.Run));
            turn.Happen(new SagaEvent.AttemptFailed(path, work.Direction, work.Attempt, error, retryAt));
            return;
        }

        if (work.Direction == StepDirection.Undo)
        {
            turn.Happen(new SagaEvent.UndoGivenUp(path, work.Attempt, error));
            return;
        }

        var known = outcome is StepOutcome.Rejected && step?.Uncertain != true ? StepPhase.NotDone : StepPhase.Unknown;
        turn.Happen(new SagaEvent.StepGivenUp(path, work.Attempt, known, error));
        if (turn.State.Direction == SagaDirection.Forward)
            TurnBack(ref turn, SagaEndReason.Failed, error, cause: null);
    }

    private static Decision.Rejected? Cancel(ref Turn turn, SagaInput.Cancel cancel)
    {
        if (turn.State is { Direction: SagaDirection.Back, Reason: SagaEndReason.Cancelled })
            return null;
        if (turn.State.Direction == SagaDirection.Back)
            return new Decision.Rejected(RejectionKind.NotPossible, $"The saga '{turn.State.Key.Id}' is being undone already ({turn.State.Reason}); it cannot be cancelled any more.");
        TurnBack(ref turn, SagaEndReason.Cancelled, new SagaError("cancelled", cancel.Note ?? "The saga was cancelled."), cancel);
        return null;
    }

    private static Decision.Rejected? Terminate(ref Turn turn, SagaInput.Terminate terminate)
    {
        turn.Happen(new SagaEvent.Ended(SagaStatus.Terminated, terminate.Note));
        return null;
    }

    private static Decision.Rejected? Pause(ref Turn turn, SagaInput.Pause pause)
    {
        if (!turn.State.IsPaused)
            turn.Happen(new SagaEvent.Paused(pause.Note));
        return null;
    }

    private static Decision.Rejected? Resume(ref Turn turn, SagaInput.Resume resume)
    {
        if (turn.State.IsPaused)
            turn.Happen(new SagaEvent.Resumed(resume.Note));
        return null;
    }

    private static Decision.Rejected? OnFailedUndo(ref Turn turn, StepPath? wanted, Func<StepPath, SagaEvent> happening)
    {
        foreach (var step in turn.State.Steps)
        {
            if (step.Phase != StepPhase.UndoFailed || (wanted is { } path && path != step.Path))
                continue;
            turn.Happen(happening(step.Path));
            return null;
        }

        return new Decision.Rejected(RejectionKind.NotPossible, wanted is { } name
            ? $"Step '{name}' of the saga '{turn.State.Key.Id}' has no undo that failed for good."
            : $"The saga '{turn.State.Key.Id}' is {turn.State.Status}, not Stuck: it has no undo that failed for good.");
    }

    /// <summary>What follows by itself from where the saga stands now.</summary>
    private static void Settle(ref Turn turn, SagaInput input)
    {
        if (turn.State.Ended is not null)
            return;
        if (turn.State.Direction == SagaDirection.Forward)
        {
            if (NextForward(turn.Plan, turn.State) is null)
                turn.Happen(new SagaEvent.Ended(SagaStatus.Completed));
            else if (!turn.State.IsPaused && turn.State.DeadlineAt <= turn.Now)
                TurnBack(ref turn, SagaEndReason.Deadline, new SagaError("deadline", $"The saga had not ended by its deadline, {turn.State.DeadlineAt:O}."), input);
        }

        if (turn.State.Direction == SagaDirection.Forward || turn.State.Ended is not null)
            return;
        if (turn.State.GraceUntil <= turn.Now)
            GiveUpOpen(ref turn, new SagaError("abandoned", "The attempt in flight did not answer in time after the saga had turned back."));
        if (IsUndone(turn.Plan, turn.State))
            turn.Happen(new SagaEvent.Ended(EndAfterUndo(turn.State)));
    }

    private static void TurnBack(ref Turn turn, SagaEndReason reason, SagaError error, SagaInput? cause)
    {
        var open = NextForward(turn.Plan, turn.State);
        var step = open is null ? null : turn.State.Find(open.Path);
        if (step is { Phase: not StepPhase.Open })
            open = null;
        var isInFlight = open is not null && cause is not null && cause.InFlight.Contains(open.Path);
        turn.Happen(new SagaEvent.TurnedBack(reason, error, isInFlight ? [open!.Path] : [], isInFlight ? turn.Now + Grace : null));
        if (open is not null && !isInFlight && step is { Uncertain: true })
            turn.Happen(new SagaEvent.StepGivenUp(open.Path, step.Attempt, StepPhase.Unknown, step.Error ?? error));
    }

    private static void GiveUpOpen(ref Turn turn, SagaError error)
    {
        foreach (var step in turn.State.Steps)
            if (step.Phase == StepPhase.Open)
                turn.Happen(new SagaEvent.StepGivenUp(step.Path, step.Attempt, StepPhase.Unknown, error));
    }

    private static SagaStatus EndAfterUndo(SagaState state)
    {
        if (state.Reason == SagaEndReason.Cancelled)
            return SagaStatus.Cancelled;
        foreach (var step in state.Steps)
            if (step.Phase is StepPhase.Undone or StepPhase.UndoSkipped or StepPhase.UndoResolved)
                return SagaStatus.Compensated;
        return SagaStatus.Failed;
    }
}
