using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>Where tests let a store in memory fail, and are told what it did. All are called under the tables' lock.</summary>
internal sealed class MemoryStoreHooks
{
    /// <summary>Why the store cannot be reached now; null when it can.</summary>
    public Func<StoreException?> Outage { get; init; } = () => null;

    /// <summary>Whether the process dies before a transaction of this many commits is written.</summary>
    public Func<int, bool> DiesBefore { get; init; } = _ => false;

    /// <summary>Whether the process dies after a transaction of this many commits was written, and before any is answered.</summary>
    public Func<int, bool> DiesAfter { get; init; } = _ => false;

    /// <summary>What is wrong with the answer to a commit.</summary>
    public Func<SagaCommit, MemoryStoreFault> FaultOf { get; init; } = _ => MemoryStoreFault.None;

    /// <summary>A commit of this saga was written.</summary>
    public Action<SagaKey> Written { get; init; } = _ => { };
}
