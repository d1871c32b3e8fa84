namespace OrleansSagas.Decisions;

/// <summary>What is known of a step that something happened to.</summary>
internal enum StepPhase
{
    /// <summary>An attempt of its action is outstanding.</summary>
    Open,

    /// <summary>Known to be done.</summary>
    Done,

    /// <summary>Given up; known not to be done.</summary>
    NotDone,

    /// <summary>Given up; nobody knows.</summary>
    Unknown,

    /// <summary>A further attempt of its undo is outstanding.</summary>
    Undoing,

    /// <summary>Undone.</summary>
    Undone,

    /// <summary>Its undo failed for good.</summary>
    UndoFailed,

    /// <summary>An operator left its effect as it is.</summary>
    UndoSkipped,

    /// <summary>An operator undid it by other means.</summary>
    UndoResolved,
}
