namespace OrleansSagas;

/// <summary>One step of a saga as its watchers see it.</summary>
public sealed record StepView
{
    /// <summary>The step's path: its name, below those of the steps that hold it, separated by <c>/</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Where the step stands.</summary>
    public required StepStatus Status { get; init; }

    /// <summary>Attempts begun so far to do it.</summary>
    public int Attempts { get; init; }

    /// <summary>Attempts begun so far to undo it.</summary>
    public int UndoAttempts { get; init; }

    /// <summary>Whether an attempt ended without a known outcome. Once true it stays true until the step is known to be done.</summary>
    public bool Uncertain { get; init; }

    /// <summary>Whether the step has an undo.</summary>
    public bool HasUndo { get; init; }

    /// <summary>When the next attempt, to do or to undo, is due; null when none is waiting.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When the step was done or given up; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The last error of doing it; null when there was none.</summary>
    public SagaError? Error { get; init; }

    /// <summary>The last error of undoing it; null when there was none.</summary>
    public SagaError? UndoError { get; init; }

    /// <summary>The operator's note where the undo was skipped or resolved.</summary>
    public string? Note { get; init; }
}
