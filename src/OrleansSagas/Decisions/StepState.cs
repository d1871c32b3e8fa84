using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>What is known of one step. A step that nothing happened to has none.</summary>
internal sealed record StepState
{
    /// <summary>Which step.</summary>
    public required StepPath Path { get; init; }

    /// <summary>What is known.</summary>
    public required StepPhase Phase { get; init; }

    /// <summary>Which run of the action: rises only when it is executed again after having been undone.</summary>
    public int Run { get; init; } = 1;

    /// <summary>The number of the attempt that is outstanding, or was the last.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>When the outstanding attempt, of the action or of the undo, may begin; null for at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Whether an attempt ended without a known outcome. Only a success clears it.</summary>
    public bool Uncertain { get; init; }

    /// <summary>The last error of the action.</summary>
    public SagaError? Error { get; init; }

    /// <summary>When the action was done or given up.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Which run of the undo: rises when a late success must be undone again.</summary>
    public int UndoRun { get; init; } = 1;

    /// <summary>The number of the undo's attempt that is outstanding, or was the last; 0 before the first.</summary>
    public int UndoAttempt { get; init; }

    /// <summary>How many attempts of the undo no longer count, because an operator asked for more.</summary>
    public int UndoAttemptsReset { get; init; }

    /// <summary>Whether a success came while the undo was under way, so that it must be undone once more.</summary>
    public bool UndoAgain { get; init; }

    /// <summary>The last error of the undo.</summary>
    public SagaError? UndoError { get; init; }

    /// <summary>The operator's note where the undo was skipped or resolved.</summary>
    public string? Note { get; init; }

    /// <summary>Whether something may have been done that is not yet dealt with.</summary>
    public bool MayNeedUndo => Phase is StepPhase.Done or StepPhase.Unknown or StepPhase.Undoing or StepPhase.UndoFailed;
}
