namespace OrleansSagas.Storage;

/// <summary>
/// Where tests hold the writer, or let its disk or its connection fail: what throws here counts as thrown by the transaction.
/// </summary>
internal sealed class WriterHooks
{
    /// <summary>Runs before a transaction is committed; what throws here prevents that.</summary>
    internal Action? BeforeCommit { get; set; }

    /// <summary>Runs after a transaction was committed, and may hide that it was.</summary>
    internal Action? AfterCommit { get; set; }
}
