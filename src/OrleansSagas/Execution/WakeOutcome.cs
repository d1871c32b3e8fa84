namespace OrleansSagas.Execution;

/// <summary>What became of the attempt to wake a saga.</summary>
internal enum WakeOutcome
{
    /// <summary>It was woken.</summary>
    Woken,

    /// <summary>There is no room for it now.</summary>
    NoRoom,

    /// <summary>The store or the way to it does not answer, or what it needs is elsewhere.</summary>
    Failed,
}
