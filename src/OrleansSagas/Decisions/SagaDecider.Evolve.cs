using System.Diagnostics.CodeAnalysis;
using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

internal static partial class SagaDecider
{
    /// <summary>Says what the state is after <paramref name="what"/> happened at <paramref name="at"/>.</summary>
    public static SagaState Evolve(SagaState? state, SagaEvent what, DateTimeOffset at)
    {
        if (what is SagaEvent.Started started)
            return Begun(started, at);
        ArgumentNullException.ThrowIfNull(state);
        var next = state with { Revision = state.Revision + 1, UpdatedAt = at, IsQuiescent = state.IsPaused };
        return what switch
        {
            SagaEvent.OwnershipTaken => next with { IsQuiescent = state.IsQuiescent },
            SagaEvent.StepSucceeded done => (done.Data is null ? next : next with { Data = done.Data }).With(
                Known(state, done.Path) with
                {
                    Phase = StepPhase.Done,
                    Attempt = done.Attempt,
                    DueAt = null,
                    Uncertain = false,
                    EndedAt = at,
                }
            ),
            SagaEvent.AttemptFailed { Direction: StepDirection.Do } failed => next.With(
                Known(state, failed.Path) with
                {
                    Attempt = failed.Attempt + 1,
                    DueAt = failed.RetryAt,
                    Uncertain = true,
                    Error = failed.Error,
                }
            ),
            SagaEvent.AttemptFailed failed => next.With(
                Known(state, failed.Path) with
                {
                    Phase = StepPhase.Undoing,
                    UndoAttempt = failed.Attempt + 1,
                    DueAt = failed.RetryAt,
                    UndoError = failed.Error,
                }
            ),
            SagaEvent.StepInterrupted interrupted => next.With(
                Known(state, interrupted.Path) with
                {
                    Attempt = interrupted.Attempt,
                    Uncertain = true,
                }
            ),
            SagaEvent.StepFailed givenUp => next.With(
                Known(state, givenUp.Path) with
                {
                    Phase = givenUp.Known,
                    Attempt = givenUp.Attempt,
                    DueAt = null,
                    Uncertain = givenUp.Known == StepPhase.Unknown,
                    Error = givenUp.Error,
                    EndedAt = at,
                }
            ),
            SagaEvent.CompensationStarted turned => Turned(next, turned),
            SagaEvent.SucceededLate late => next.With(DoneLate(Known(state, late.Path))),
            SagaEvent.UndoSucceeded undone => next.With(UndoneOf(Known(state, undone.Path), undone.Attempt)),
            SagaEvent.UndoFailed failed => next.With(
                Known(state, failed.Path) with
                {
                    Phase = StepPhase.UndoFailed,
                    UndoAttempt = failed.Attempt,
                    DueAt = null,
                    UndoError = failed.Error,
                }
            ),
            SagaEvent.UndoRetried retried => next.With(MoreUndo(Known(state, retried.Path))),
            SagaEvent.UndoSkipped skipped => next.With(
                Known(state, skipped.Path) with
                {
                    Phase = StepPhase.UndoSkipped,
                    Note = skipped.Note,
                }
            ),
            SagaEvent.UndoResolved resolved => next.With(
                Known(state, resolved.Path) with
                {
                    Phase = StepPhase.UndoResolved,
                    Note = resolved.Note,
                }
            ),
            SagaEvent.Paused => next with { IsPaused = true },
            SagaEvent.Resumed => next with { IsPaused = false, IsQuiescent = false },
            SagaEvent.Ended ended => next with
            {
                Ended = ended.Status,
                Reason = ended.Status == SagaStatus.Terminated ? SagaEndReason.Terminated : state.Reason,
                Error =
                    ended.Status == SagaStatus.Terminated
                        ? new SagaError("terminated", ended.Note ?? "The saga was terminated.")
                        : state.Error,
            },
            _ => throw new ArgumentOutOfRangeException(nameof(what), what.GetType().Name, "This event is not known."),
        };
    }

    private static SagaState Begun(SagaEvent.Started started, DateTimeOffset at) =>
        new()
        {
            Key = started.Key,
            Identity = new SagaIdentity
            {
                Type = started.Plan.Type,
                Version = started.Plan.Version,
                Fingerprint = started.Plan.Fingerprint,
                StartedAt = at,
                CorrelationId = started.CorrelationId,
                ParentId = started.ParentId,
                RootId = started.RootId,
            },
            Revision = 1,
            Data = started.Data,
            UpdatedAt = at,
            DeadlineAt = started.DeadlineAt,
            Headers = started.Headers,
        };

    private static StepState Known(SagaState state, StepPath path) =>
        state.Find(path) ?? new StepState { Path = path, Phase = StepPhase.Open };

    private static SagaState Turned(SagaState state, SagaEvent.CompensationStarted turned)
    {
        state = state with
        {
            Direction = SagaDirection.Compensating,
            Reason = turned.Reason,
            Error = turned.Error,
            LateAnswerDeadline = turned.LateAnswerDeadline,
        };
        foreach (var path in turned.InFlight)
            state = state.With(Known(state, path) with { DueAt = null });
        return state;
    }

    /// <remarks>
    /// An undo that may be in flight, the first included, may have come to the service before the action did: it does not count.
    /// </remarks>
    private static StepState DoneLate(StepState step) =>
        step.Phase switch
        {
            StepPhase.Unknown => step with { Phase = StepPhase.Done, UndoAgain = true, Uncertain = false },
            StepPhase.Undoing or StepPhase.UndoFailed => step with { UndoAgain = true, Uncertain = false },
            StepPhase.Undone or StepPhase.UndoSkipped or StepPhase.UndoResolved => UndoOnceMore(step),
            _ => step with { Phase = StepPhase.Done, Uncertain = false },
        };

    private static StepState UndoneOf(StepState step, int attempt) =>
        step.UndoAgain ? UndoOnceMore(step) : step with { Phase = StepPhase.Undone, UndoAttempt = attempt, DueAt = null };

    private static StepState UndoOnceMore(StepState step) =>
        step with
        {
            Phase = StepPhase.Done,
            Uncertain = false,
            UndoRun = step.UndoRun + 1,
            UndoAttempt = 0,
            UndoAttemptsReset = 0,
            UndoAgain = false,
            DueAt = null,
        };

    private static StepState MoreUndo(StepState step) =>
        step with
        {
            Phase = StepPhase.Undoing,
            UndoAttemptsReset = step.UndoAttempt,
            UndoAttempt = step.UndoAttempt + 1,
            DueAt = null,
        };
}
