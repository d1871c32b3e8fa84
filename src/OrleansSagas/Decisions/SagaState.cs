using System.Collections.Immutable;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>All that the history says of a saga: <c>fold(history) = state</c>. What is outstanding is computed from it.</summary>
internal sealed record SagaState
{
    /// <summary>The saga.</summary>
    public required SagaKey Key { get; init; }

    /// <summary>What was said of it once.</summary>
    public required SagaIdentity Identity { get; init; }

    /// <summary>The number of the last entry.</summary>
    public required long Revision { get; init; }

    /// <summary>The saga's data.</summary>
    public required Payload Data { get; init; }

    /// <summary>When the last entry was written.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it stops going forward; null for never.</summary>
    public DateTimeOffset? DeadlineAt { get; init; }

    /// <summary>What every step gets beside the data.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = SagaHeaders.None;

    /// <summary>Where it is heading.</summary>
    public SagaDirection Direction { get; init; }

    /// <summary>Why it turned back or was terminated; null while it goes forward.</summary>
    public SagaEndReason? Reason { get; init; }

    /// <summary>What made it turn back.</summary>
    public SagaError? Error { get; init; }

    /// <summary>Until when an undo waits for attempts that were in flight when the saga turned back; null for not at all.</summary>
    public DateTimeOffset? LateAnswerDeadline { get; init; }

    /// <summary>Whether an operator paused it.</summary>
    public bool IsPaused { get; init; }

    /// <summary>
    /// Whether it is paused and what was in flight then has ended: what is outstanding now was never begun, and no owner's death loses it.
    /// </summary>
    public bool IsQuiescent { get; init; }

    /// <summary>How it ended; null before.</summary>
    public SagaStatus? Ended { get; init; }

    /// <summary>The steps that something happened to, in the order in which it first did.</summary>
    public ImmutableArray<StepState> Steps { get; init; } = [];

    /// <summary>Where the saga stands, derived from all of the above.</summary>
    public SagaStatus Status =>
        Ended is { } ended ? ended
        : IsStuck ? SagaStatus.Stuck
        : IsPaused ? SagaStatus.Paused
        : Direction == SagaDirection.Compensating ? SagaStatus.Compensating
        : SagaStatus.Running;

    /// <summary>Whether an undo failed for good.</summary>
    public bool IsStuck
    {
        get
        {
            foreach (var step in Steps)
                if (step.Phase == StepPhase.UndoFailed)
                    return true;
            return false;
        }
    }

    /// <summary>What is known of the step at <paramref name="path"/>; null when nothing happened to it.</summary>
    public StepState? Find(StepPath path)
    {
        foreach (var step in Steps)
            if (step.Path == path)
                return step;
        return null;
    }

    /// <summary>Whether both say the same.</summary>
    public bool Equals(SagaState? other) =>
        other is not null
        && (Key, Identity, Revision, Data, UpdatedAt) == (other.Key, other.Identity, other.Revision, other.Data, other.UpdatedAt)
        && (DeadlineAt, Direction, Reason, Error, LateAnswerDeadline, IsPaused, IsQuiescent, Ended)
            == (
                other.DeadlineAt,
                other.Direction,
                other.Reason,
                other.Error,
                other.LateAnswerDeadline,
                other.IsPaused,
                other.IsQuiescent,
                other.Ended
            )
        && SagaHeaders.AreEqual(Headers, other.Headers)
        && Steps.AsSpan().SequenceEqual(other.Steps.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Key, Revision);

    internal SagaState With(StepState step)
    {
        for (var i = 0; i < Steps.Length; i++)
            if (Steps[i].Path == step.Path)
                return this with { Steps = Steps.SetItem(i, step) };
        return this with { Steps = Steps.Add(step) };
    }
}
