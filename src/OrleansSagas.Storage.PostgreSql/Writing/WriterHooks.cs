namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>Where tests hold the writer or cut its connection: what throws here counts as thrown by the transaction.</summary>
internal sealed class WriterHooks
{
    /// <summary>Runs before a transaction is sent.</summary>
    internal Action? BeforeCommit { get; set; }

    /// <summary>Runs after a transaction was committed, and may hide that it was.</summary>
    internal Action? AfterCommit { get; set; }
}
