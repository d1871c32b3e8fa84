using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>The rules of a saga, pure: no I/O, no clock, no randomness.</summary>
/// <remarks>The three functions are in three files: what an input leads to (<c>Decide</c>), what a happening changes
/// (<c>Evolve</c>), and what is to be done then (<c>PendingWork</c>).</remarks>
internal static partial class SagaDecider
{
    /// <summary>
    /// How long a saga that turns back waits for the answers of attempts in flight: 5 seconds. Their tokens are cancelled at once.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Says what <paramref name="input"/> leads to.</summary>
    /// <param name="plan">The version of the definition that the saga keeps.</param>
    /// <param name="state">What is known of the saga; null where there is none.</param>
    /// <param name="input">What is given to it.</param>
    /// <param name="now">The time; cut to milliseconds, as it is stored.</param>
    public static Decision Decide(SagaPlan plan, SagaState? state, SagaCommand input, DateTimeOffset now)
    {
        now = now.ToMilliseconds();
        if (state is null)
            return input is SagaCommand.Start start
                ? Begin(plan, start, now)
                : new Decision.Rejected(RejectionKind.NotFound, "There is no such saga.");
        if (state.Ended is { } ended)
            return AfterTheEnd(state, input, ended);

        var builder = new DecisionBuilder(plan, state, now);
        var refusal = input switch
        {
            SagaCommand.Start => new Decision.Rejected(RejectionKind.Exists, $"A saga with the id '{state.Key.Id}' exists already."),
            SagaCommand.TakeOver adopt => TakeOver(ref builder, adopt),
            SagaCommand.Answer answer => Answer(ref builder, answer),
            SagaCommand.Interrupt interrupt => Interrupt(ref builder, interrupt),
            SagaCommand.TimePassed => null,
            SagaCommand.Cancel cancel => Cancel(ref builder, cancel),
            SagaCommand.Terminate terminate => Terminate(ref builder, terminate),
            SagaCommand.Pause pause => Pause(ref builder, pause),
            SagaCommand.Resume resume => Resume(ref builder, resume),
            SagaCommand.RetryUndo retry => OnFailedUndo(ref builder, retry.Path, path => new SagaEvent.UndoRetried(path, retry.Note)),
            SagaCommand.SkipUndo skip => OnFailedUndo(ref builder, skip.Path, path => new SagaEvent.UndoSkipped(path, skip.Note)),
            SagaCommand.ResolveUndo resolve => OnFailedUndo(
                ref builder,
                resolve.Path,
                path => new SagaEvent.UndoResolved(path, resolve.Note)
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(input), input.GetType().Name, "This input is not known."),
        };
        if (refusal is not null)
            return refusal;
        Settle(ref builder, input);
        return builder.Decision();
    }

    private static Decision.Accepted Begin(SagaPlan plan, SagaCommand.Start start, DateTimeOffset now)
    {
        var started = new SagaEvent.Started(
            start.Key,
            plan.Identity,
            start.Data,
            (now + plan.Deadline)?.ToMilliseconds(),
            start.CorrelationId,
            start.ParentId
        )
        {
            RootId = start.RootId,
            Headers = start.Headers,
        };
        return new Decision.Accepted([started], Evolve(null, started, now));
    }

    private static Decision.Rejected AfterTheEnd(SagaState state, SagaCommand input, SagaStatus ended) =>
        input switch
        {
            SagaCommand.Start => new(RejectionKind.Exists, $"A saga with the id '{state.Key.Id}' exists already."),
            SagaCommand.Answer { Outcome: StepOutcome.Succeeded or StepOutcome.ResultRejectedByFold } answer
                when ended != SagaStatus.Terminated && !IsSettledSuccess(state, answer) => new(
                RejectionKind.LateSuccess,
                $"Step '{answer.Path}' answered that it succeeded, after its saga had ended as {ended}."
            ),
            SagaCommand.Answer or SagaCommand.Interrupt or SagaCommand.TimePassed or SagaCommand.TakeOver => new(
                RejectionKind.Late,
                $"The saga has ended as {ended}."
            ),
            _ => new(RejectionKind.NotPossible, $"The saga '{state.Key.Id}' has ended as {ended}; nothing changes it any more."),
        };

    /// <summary>Whether the success only repeats what is known and stands: the same key, hence the same effect.</summary>
    private static bool IsSettledSuccess(SagaState state, SagaCommand.Answer answer) =>
        answer.Direction == StepDirection.Undo || state.Find(answer.Path)?.Phase == StepPhase.Done;

    private static Decision.Rejected? TakeOver(ref DecisionBuilder builder, SagaCommand.TakeOver adopt)
    {
        var isIdle = builder.State.IsQuiescent;
        builder.Emit(new SagaEvent.OwnershipTaken(adopt.Incarnation));
        if (!adopt.OwnerDied)
            return null;

        var lost = new SagaError("lost", "The process that ran this attempt ended before its answer was recorded.");
        if (!isIdle && NextWork(builder.Plan, builder.State) is { } work && work.IsDue(builder.Now))
            Fail(ref builder, work, new StepOutcome.Failed(lost), pause: TimeSpan.Zero);
        else if (builder.State.Direction == SagaDirection.Compensating)
            GiveUpOpen(ref builder, lost);
        return null;
    }

    /// <summary>
    /// Nothing is decided about the attempt, but that it may have been done must not be forgotten: should it be rejected next time, it is
    /// undone.
    /// </summary>
    private static Decision.Rejected? Interrupt(ref DecisionBuilder builder, SagaCommand.Interrupt interrupt)
    {
        var step = builder.State.Find(interrupt.Path);
        if (
            interrupt.Direction == StepDirection.Do
            && Takes(builder.Plan, builder.State, interrupt.Path, interrupt.Run)
            && interrupt.Attempt == (step?.Attempt ?? 1)
            && step?.Uncertain != true
        )
            builder.Emit(new SagaEvent.StepInterrupted(interrupt.Path, interrupt.Attempt));
        return null;
    }

    private static Decision.Rejected? Answer(ref DecisionBuilder builder, SagaCommand.Answer answer)
    {
        if (builder.Plan.Find(answer.Path) is not { } plan)
            return new Decision.Rejected(RejectionKind.Late, $"The saga has no step '{answer.Path}'.");
        return answer.Direction == StepDirection.Do ? ActionAnswer(ref builder, plan, answer) : UndoAnswer(ref builder, plan, answer);
    }

    private static Decision.Rejected? ActionAnswer(ref DecisionBuilder builder, PlanStep plan, SagaCommand.Answer answer)
    {
        var step = builder.State.Find(plan.Path);
        if (!Takes(builder.Plan, builder.State, plan.Path, answer.Run))
            return Late(ref builder, step, answer);

        // The key never changes, so a success is one whichever attempt it belongs to.
        switch (answer.Outcome)
        {
            case StepOutcome.Succeeded success:
                builder.Emit(new SagaEvent.StepSucceeded(plan.Path, answer.Attempt, success.Data));
                return null;
            case StepOutcome.ResultRejectedByFold unfoldable:
                builder.Emit(new SagaEvent.StepFailed(plan.Path, answer.Attempt, StepPhase.Done, unfoldable.Error));
                if (builder.State.Direction == SagaDirection.Forward)
                    StartCompensation(ref builder, SagaEndReason.Failed, unfoldable.Error, answer);
                return null;
        }

        var work = new WorkItem(plan, StepDirection.Do, step?.Run ?? 1, step?.Attempt ?? 1, step?.DueAt);
        if (answer.Attempt != work.Attempt)
            return new Decision.Rejected(RejectionKind.Late, $"Attempt {answer.Attempt} of step '{plan.Path}' was over already.");
        Fail(ref builder, work, answer.Outcome, pause: null);
        return null;
    }

    private static Decision.Rejected? UndoAnswer(ref DecisionBuilder builder, PlanStep plan, SagaCommand.Answer answer)
    {
        var step = builder.State.Find(plan.Path);
        var work = NextWork(builder.Plan, builder.State);
        var isOpen = work is { Direction: StepDirection.Undo } open && open.Step == plan && answer.Run == open.Run;
        if (answer.Outcome is StepOutcome.Succeeded or StepOutcome.ResultRejectedByFold)
        {
            if (!isOpen && !(step?.Phase == StepPhase.UndoFailed && answer.Run == step.UndoRun))
                return new Decision.Rejected(RejectionKind.Late, $"The undo of step '{plan.Path}' was over already.");
            builder.Emit(new SagaEvent.UndoSucceeded(plan.Path, answer.Attempt));
            return null;
        }

        if (!isOpen || answer.Attempt != work!.Value.Attempt)
            return new Decision.Rejected(RejectionKind.Late, $"Attempt {answer.Attempt} to undo step '{plan.Path}' was over already.");
        Fail(ref builder, work.Value, answer.Outcome, pause: null);
        return null;
    }

    /// <summary>
    /// A success that comes after its step was given up must be undone, once more if it was undone already; anything else is only counted.
    /// </summary>
    private static Decision.Rejected? Late(ref DecisionBuilder builder, StepState? step, SagaCommand.Answer answer)
    {
        var changesSomething =
            answer.Outcome is StepOutcome.Succeeded or StepOutcome.ResultRejectedByFold
            && step?.Phase switch
            {
                null => builder.State.Direction == SagaDirection.Compensating,
                StepPhase.NotDone or StepPhase.Unknown or StepPhase.Undone or StepPhase.UndoSkipped or StepPhase.UndoResolved => true,
                StepPhase.Undoing or StepPhase.UndoFailed => !step.UndoAgain,
                _ => false,
            };
        if (!changesSomething)
            return new Decision.Rejected(RejectionKind.Late, $"Step '{answer.Path}' was over already.");
        builder.Emit(new SagaEvent.SucceededLate(answer.Path, answer.Attempt));
        return null;
    }

    /// <summary>
    /// One attempt failed: try again, or give the step or its undo up. Uncertainty is sticky: a later rejection does not clear it.
    /// </summary>
    private static void Fail(ref DecisionBuilder builder, WorkItem work, StepOutcome outcome, TimeSpan? pause)
    {
        var (error, worthRetrying) = outcome switch
        {
            StepOutcome.Failed failed => (failed.Error, failed.WorthRetrying),
            StepOutcome.Rejected rejected => (rejected.Error, false),
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome.GetType().Name, "This outcome is no failure."),
        };
        var state = builder.State;
        var path = work.Step.Path;
        var step = state.Find(path);
        var policy = work.Step.RetryOf(work.Direction);
        var counted = work.Direction == StepDirection.Do ? work.Attempt : work.Attempt - (step?.UndoAttemptsReset ?? 0);
        var goesOn = work.Direction == StepDirection.Undo || state.Direction == SagaDirection.Forward;
        if (worthRetrying && goesOn && policy.AllowsAfter(counted))
        {
            var retryAt = builder.Now + (pause ?? Backoff.PauseAfter(policy, counted, state.Key, path, work.Run));
            builder.Emit(new SagaEvent.AttemptFailed(path, work.Direction, work.Attempt, error, retryAt));
            return;
        }

        if (work.Direction == StepDirection.Undo)
        {
            builder.Emit(new SagaEvent.UndoFailed(path, work.Attempt, error));
            return;
        }

        var known = outcome is StepOutcome.Rejected && step?.Uncertain != true ? StepPhase.NotDone : StepPhase.Unknown;
        builder.Emit(new SagaEvent.StepFailed(path, work.Attempt, known, error));
        if (builder.State.Direction == SagaDirection.Forward)
            StartCompensation(ref builder, SagaEndReason.Failed, error, cause: null);
    }

    private static Decision.Rejected? Cancel(ref DecisionBuilder builder, SagaCommand.Cancel cancel)
    {
        if (builder.State is { Direction: SagaDirection.Compensating, Reason: SagaEndReason.Cancelled })
            return null;
        if (builder.State.Direction == SagaDirection.Compensating)
            return new Decision.Rejected(
                RejectionKind.NotPossible,
                $"The saga '{builder.State.Key.Id}' is being undone already ({builder.State.Reason}); it cannot be cancelled any more."
            );
        StartCompensation(
            ref builder,
            SagaEndReason.Cancelled,
            new SagaError("cancelled", cancel.Note ?? "The saga was cancelled."),
            cancel
        );
        return null;
    }

    private static Decision.Rejected? Terminate(ref DecisionBuilder builder, SagaCommand.Terminate terminate)
    {
        builder.Emit(new SagaEvent.Ended(SagaStatus.Terminated, terminate.Note));
        return null;
    }

    private static Decision.Rejected? Pause(ref DecisionBuilder builder, SagaCommand.Pause pause)
    {
        if (!builder.State.IsPaused)
            builder.Emit(new SagaEvent.Paused(pause.Note));
        return null;
    }

    private static Decision.Rejected? Resume(ref DecisionBuilder builder, SagaCommand.Resume resume)
    {
        if (builder.State.IsPaused)
            builder.Emit(new SagaEvent.Resumed(resume.Note));
        return null;
    }

    private static Decision.Rejected? OnFailedUndo(ref DecisionBuilder builder, StepPath? wanted, Func<StepPath, SagaEvent> happening)
    {
        foreach (var step in builder.State.Steps)
        {
            if (step.Phase != StepPhase.UndoFailed || (wanted is { } path && path != step.Path))
                continue;
            builder.Emit(happening(step.Path));
            return null;
        }

        return new Decision.Rejected(
            RejectionKind.NotPossible,
            wanted is { } name
                ? $"Step '{name}' of the saga '{builder.State.Key.Id}' has no undo that failed for good."
                : $"The saga '{builder.State.Key.Id}' is {builder.State.Status}, not Stuck: it has no undo that failed for good."
        );
    }

    /// <summary>What follows by itself from where the saga stands now.</summary>
    private static void Settle(ref DecisionBuilder builder, SagaCommand input)
    {
        if (builder.State.Ended is not null)
            return;
        if (builder.State.Direction == SagaDirection.Forward)
        {
            if (NextForward(builder.Plan, builder.State) is null)
                builder.Emit(new SagaEvent.Ended(SagaStatus.Completed));
            else if (!builder.State.IsPaused && builder.State.DeadlineAt <= builder.Now)
                StartCompensation(
                    ref builder,
                    SagaEndReason.Deadline,
                    new SagaError("deadline", $"The saga had not ended by its deadline, {builder.State.DeadlineAt:O}."),
                    input
                );
        }

        if (builder.State.Direction == SagaDirection.Forward || builder.State.Ended is not null)
            return;
        if (builder.State.LateAnswerDeadline <= builder.Now)
            GiveUpOpen(
                ref builder,
                new SagaError("abandoned", "The attempt in flight did not answer in time after the saga had turned back.")
            );
        if (IsUndone(builder.Plan, builder.State))
            builder.Emit(new SagaEvent.Ended(EndAfterUndo(builder.State)));
    }

    private static void StartCompensation(ref DecisionBuilder builder, SagaEndReason reason, SagaError error, SagaCommand? cause)
    {
        var open = NextForward(builder.Plan, builder.State);
        var step = open is null ? null : builder.State.Find(open.Path);
        if (step is { Phase: not StepPhase.Open })
            open = null;
        var isInFlight = open is not null && cause is not null && cause.InFlight.Contains(open.Path);
        builder.Emit(
            new SagaEvent.CompensationStarted(reason, error, isInFlight ? [open!.Path] : [], isInFlight ? builder.Now + Grace : null)
        );
        if (open is not null && !isInFlight && step is { Uncertain: true })
            builder.Emit(new SagaEvent.StepFailed(open.Path, step.Attempt, StepPhase.Unknown, step.Error ?? error));
    }

    private static void GiveUpOpen(ref DecisionBuilder builder, SagaError error)
    {
        foreach (var step in builder.State.Steps)
            if (step.Phase == StepPhase.Open)
                builder.Emit(new SagaEvent.StepFailed(step.Path, step.Attempt, StepPhase.Unknown, error));
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
