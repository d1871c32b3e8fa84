namespace OrleansSagas.Testing;

/// <summary>What may be wrong with a store's answer to a commit.</summary>
internal enum MemoryStoreFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It was written, and nobody is told.</summary>
    UnknownWritten,

    /// <summary>It was not written, and nobody is told.</summary>
    UnknownNotWritten,
}
