namespace OrleansSagas.Plans;

/// <summary>Whether a step is done or undone.</summary>
internal enum StepDirection
{
    /// <summary>The action.</summary>
    Do,

    /// <summary>The undo.</summary>
    Undo,
}
