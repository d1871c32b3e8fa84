namespace OrleansSagas.Storage;

/// <summary>What became of a commit.</summary>
internal enum CommitOutcome
{
    /// <summary>It is durable.</summary>
    Committed,

    /// <summary>The saga does not stand at the expected revision (or, for a new saga, its id is taken). Nothing was written.</summary>
    Conflict,

    /// <summary>The request's key was used before and has not expired. Nothing was written.</summary>
    DuplicateRequest,

    /// <summary>The store could not write, or the commit was withdrawn in time. Nothing was written.</summary>
    NotCommitted,

    /// <summary>Nobody knows: drop what is in memory, load again, and look for the commit's id.</summary>
    Unknown,
}
