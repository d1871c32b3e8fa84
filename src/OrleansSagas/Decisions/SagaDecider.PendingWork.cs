using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

internal static partial class SagaDecider
{
    /// <summary>Says what is to be done for a saga that stands at <paramref name="state"/>.</summary>
    public static PendingWork PendingWork(SagaPlan plan, SagaState state)
    {
        if (state.Ended is not null)
            return default;
        var wakeAt =
            state.Direction == SagaDirection.Compensating
                ? (HasOpen(state) ? state.LateAnswerDeadline : null)
                : (state.IsPaused ? null : state.DeadlineAt);
        if (state.IsPaused || NextWork(plan, state) is not { } work)
            return new PendingWork(null, wakeAt);
        return new PendingWork(work, Earliest(wakeAt, work.DueAt));
    }

    /// <summary>
    /// Whether a success of the action at <paramref name="path"/> would be taken as the step's own, so that its result is worth folding.
    /// </summary>
    public static bool Takes(SagaPlan plan, SagaState state, StepPath path, int run)
    {
        var step = state.Find(path);
        var isOpen = state.Direction == SagaDirection.Forward ? NextForward(plan, state)?.Path == path : step?.Phase == StepPhase.Open;
        return isOpen && state.Ended is null && run == (step?.Run ?? 1);
    }

    /// <summary>Whether the answer of this very attempt is still awaited.</summary>
    public static bool Awaits(SagaPlan plan, SagaState state, WorkItem attempt)
    {
        if (state.Ended is not null)
            return false;
        if (attempt.Direction == StepDirection.Do)
            return Takes(plan, state, attempt.Step.Path, attempt.Run) && (state.Find(attempt.Step.Path)?.Attempt ?? 1) == attempt.Attempt;
        return NextWork(plan, state) is { } next
            && next.Step == attempt.Step
            && next.Direction == attempt.Direction
            && next.Run == attempt.Run
            && next.Attempt == attempt.Attempt;
    }

    /// <summary>The attempt that is outstanding, whether or not the saga is paused.</summary>
    private static WorkItem? NextWork(SagaPlan plan, SagaState state)
    {
        if (state.Direction == SagaDirection.Compensating)
            return NextBack(plan, state);
        if (NextForward(plan, state) is not { } next)
            return null;
        var step = state.Find(next.Path);
        return new WorkItem(next, StepDirection.Do, step?.Run ?? 1, step?.Attempt ?? 1, step?.DueAt);
    }

    private static PlanStep? NextForward(SagaPlan plan, SagaState state)
    {
        // Going forward, steps are done in the plan's order, so that only the last one known can be open.
        var done = state.Steps.Length;
        if (done > 0 && state.Steps[^1].Phase != StepPhase.Done)
            done--;
        return done < plan.Steps.Length ? plan.Steps[done] : null;
    }

    /// <summary>
    /// The undo to make: that of the last step that may have been done. None while an attempt in flight is waited for, or an undo failed
    /// for good.
    /// </summary>
    private static WorkItem? NextBack(SagaPlan plan, SagaState state)
    {
        for (var i = state.Steps.Length - 1; i >= 0; i--)
        {
            var step = state.Steps[i];
            if (step.Phase is StepPhase.Open or StepPhase.UndoFailed)
                return null;
            if (NeedsUndo(plan, step) is { } undo)
                return new WorkItem(undo, StepDirection.Undo, step.UndoRun, Math.Max(1, step.UndoAttempt), step.DueAt);
        }

        return null;
    }

    private static PlanStep? NeedsUndo(SagaPlan plan, StepState step) =>
        step.MayNeedUndo && plan.Find(step.Path) is { HasUndo: true } undo ? undo : null;

    private static bool IsUndone(SagaPlan plan, SagaState state)
    {
        foreach (var step in state.Steps)
            if (step.Phase == StepPhase.Open || NeedsUndo(plan, step) is not null)
                return false;
        return true;
    }

    private static bool HasOpen(SagaState state)
    {
        foreach (var step in state.Steps)
            if (step.Phase == StepPhase.Open)
                return true;
        return false;
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other
        : other is null ? one
        : one < other ? one
        : other;
}
