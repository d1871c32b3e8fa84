namespace OrleansSagas.Shop.Books;

/// <summary>What became of a key. The names are the format of the file.</summary>
internal enum OperationState
{
    /// <summary>It had its effect, or, for an undo, left none behind.</summary>
    Done,

    /// <summary>It was refused, and nothing was done.</summary>
    Rejected,

    /// <summary>It was undone before it was ever seen, and may not come any more.</summary>
    Barred,

    /// <summary>It had its effect, which was undone.</summary>
    Undone,
}
