namespace OrleansSagas.Soak;

/// <summary>What is done to the silo.</summary>
internal enum Trouble
{
    /// <summary>SIGKILL while it serves.</summary>
    Kill,

    /// <summary>SIGKILL before it is ready.</summary>
    KillWhileStarting,

    /// <summary>SIGSTOP, and SIGCONT after a while.</summary>
    Freeze,

    /// <summary>SIGSTOP, and SIGKILL after a while.</summary>
    FreezeAndKill,

    /// <summary>Its disk is full for a while.</summary>
    FullDisk,

    /// <summary>SIGKILL while its disk is full; there is room again before it is started.</summary>
    FullDiskAndKill,

    /// <summary>SIGKILL while its disk is full, and it is started on the full disk.</summary>
    FullDiskAtStart,
}
