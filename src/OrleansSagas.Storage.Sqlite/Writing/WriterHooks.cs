namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>Where tests let the disk fail, or hold the writer: what throws here counts as thrown by COMMIT.</summary>
internal sealed class WriterHooks
{
    /// <summary>Runs in place of a COMMIT that fails before it has done anything.</summary>
    internal Action? BeforeCommit { get; set; }

    /// <summary>Runs after a COMMIT that happened, and may hide that it did.</summary>
    internal Action? AfterCommit { get; set; }
}
