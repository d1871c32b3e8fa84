using System.Collections.Immutable;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>What happened to a saga: a closed list.</summary>
internal abstract record SagaEvent
{
    private SagaEvent() { }

    /// <summary>The saga was started.</summary>
    public sealed record Started(
        SagaKey Key,
        PlanIdentity Plan,
        Payload Data,
        DateTimeOffset? DeadlineAt,
        string? CorrelationId,
        SagaId? ParentId
    ) : SagaEvent
    {
        /// <summary>The root of the tree that the saga belongs to; null where it is the root.</summary>
        public SagaId? RootId { get; init; }

        /// <summary>What every step gets beside the data.</summary>
        public ImmutableSortedDictionary<string, string> Headers { get; init; } = SagaHeaders.None;

        /// <inheritdoc />
        public bool Equals(Started? other) =>
            other is not null
            && (Key, Plan, Data, DeadlineAt, CorrelationId, ParentId, RootId)
                == (other.Key, other.Plan, other.Data, other.DeadlineAt, other.CorrelationId, other.ParentId, other.RootId)
            && SagaHeaders.AreEqual(Headers, other.Headers);

        /// <inheritdoc />
        public override int GetHashCode() => HashCode.Combine(Key, Plan);
    }

    /// <summary>A new owner took over and fenced the earlier one.</summary>
    public sealed record OwnershipTaken(Incarnation Incarnation) : SagaEvent;

    /// <summary>A step was done.</summary>
    public sealed record StepSucceeded(StepPath Path, int Attempt, Payload? Data) : SagaEvent;

    /// <summary>An attempt failed and the next one is due at <paramref name="RetryAt"/>.</summary>
    public sealed record AttemptFailed(StepPath Path, StepDirection Direction, int Attempt, SagaError Error, DateTimeOffset RetryAt)
        : SagaEvent;

    /// <summary>A stop of the engine interrupted an attempt, which may have been done. It does not count: it is made again.</summary>
    public sealed record StepInterrupted(StepPath Path, int Attempt) : SagaEvent;

    /// <summary>A step was given up.</summary>
    /// <param name="Path">Which.</param>
    /// <param name="Attempt">After which attempt.</param>
    /// <param name="Known">
    /// What is known: <see cref="StepPhase.NotDone"/>, <see cref="StepPhase.Unknown"/> or, where its result could not be folded,
    /// <see cref="StepPhase.Done"/>.
    /// </param>
    /// <param name="Error">Why.</param>
    public sealed record StepFailed(StepPath Path, int Attempt, StepPhase Known, SagaError Error) : SagaEvent;

    /// <summary>The saga stopped going forward.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Error">What made it so.</param>
    /// <param name="InFlight">The steps whose attempt may still answer.</param>
    /// <param name="LateAnswerDeadline">Until when they are waited for; null where none is.</param>
    public sealed record CompensationStarted(
        SagaEndReason Reason,
        SagaError Error,
        ImmutableArray<StepPath> InFlight,
        DateTimeOffset? LateAnswerDeadline
    ) : SagaEvent
    {
        /// <inheritdoc />
        public bool Equals(CompensationStarted? other) =>
            other is not null
            && (Reason, Error, LateAnswerDeadline) == (other.Reason, other.Error, other.LateAnswerDeadline)
            && InFlight.AsSpan().SequenceEqual(other.InFlight.AsSpan());

        /// <inheritdoc />
        public override int GetHashCode() => HashCode.Combine(Reason, Error, LateAnswerDeadline, InFlight.Length);
    }

    /// <summary>A success came after the step had been given up: it is undone, once more if need be.</summary>
    public sealed record SucceededLate(StepPath Path, int Attempt) : SagaEvent;

    /// <summary>A step was undone.</summary>
    public sealed record UndoSucceeded(StepPath Path, int Attempt) : SagaEvent;

    /// <summary>An undo failed for good.</summary>
    public sealed record UndoFailed(StepPath Path, int Attempt, SagaError Error) : SagaEvent;

    /// <summary>An operator asked for more attempts of an undo that failed for good.</summary>
    public sealed record UndoRetried(StepPath Path, string? Note) : SagaEvent;

    /// <summary>An operator left the effect of a step as it is.</summary>
    public sealed record UndoSkipped(StepPath Path, string? Note) : SagaEvent;

    /// <summary>An operator undid a step by other means.</summary>
    public sealed record UndoResolved(StepPath Path, string? Note) : SagaEvent;

    /// <summary>An operator paused the saga.</summary>
    public sealed record Paused(string? Note) : SagaEvent;

    /// <summary>An operator resumed the saga.</summary>
    public sealed record Resumed(string? Note) : SagaEvent;

    /// <summary>The saga ended.</summary>
    /// <param name="Status">How: a terminal status.</param>
    /// <param name="Note">Why, where an operator terminated it.</param>
    public sealed record Ended(SagaStatus Status, string? Note = null) : SagaEvent;
}
