namespace OrleansSagas.Plans;

/// <summary>One step as the decider sees it: no code, only shape and policy.</summary>
internal sealed record PlanStep
{
    /// <summary>Where the step stands.</summary>
    public required StepPath Path { get; init; }

    /// <summary>The step's place in <see cref="SagaPlan.Steps"/>.</summary>
    public required int Index { get; init; }

    /// <summary>Whether it can be undone.</summary>
    public required bool HasUndo { get; init; }

    /// <summary>How often and when its action is tried.</summary>
    public required RetryPolicy Retry { get; init; }

    /// <summary>How often and when its undo is tried.</summary>
    public required RetryPolicy UndoRetry { get; init; }

    /// <summary>How long one attempt of its action may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>How long one attempt of its undo may take.</summary>
    public required TimeSpan UndoTimeout { get; init; }

    /// <summary>The policy of one direction.</summary>
    public RetryPolicy RetryOf(StepDirection direction) => direction == StepDirection.Do ? Retry : UndoRetry;

    /// <summary>The timeout of one direction.</summary>
    public TimeSpan TimeoutOf(StepDirection direction) => direction == StepDirection.Do ? Timeout : UndoTimeout;
}
