namespace OrleansSagas.Decisions;

/// <summary>Why an input does not fit.</summary>
internal enum RejectionKind
{
    /// <summary>There is no such saga.</summary>
    NotFound,

    /// <summary>There is such a saga already.</summary>
    Exists,

    /// <summary>The saga's status does not allow it.</summary>
    NotPossible,

    /// <summary>An answer came too late to matter.</summary>
    Late,

    /// <summary>
    /// A success came after the saga had ended otherwise than by being terminated as it was: what it did stands, and nobody will undo it.
    /// </summary>
    LateSuccess,

    /// <summary>The saga's definition is not here.</summary>
    NotDefined,

    /// <summary>The data of a start is not that of its saga type.</summary>
    InvalidData,
}
