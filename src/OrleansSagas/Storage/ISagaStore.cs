using OrleansSagas.Plans;

namespace OrleansSagas.Storage;

/// <summary>Where sagas are kept. It has one write of sagas; readers never wait for it.</summary>
internal interface ISagaStore : IAsyncDisposable
{
    /// <summary>Opens the store for one engine: creates or migrates what is there, hands out the engine's incarnation,
    /// and records the <paramref name="plans"/> that it defines. Called once, before anything else.</summary>
    /// <exception cref="StoreException">Another engine holds the store, or its schema is newer than this program.</exception>
    Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation);

    /// <summary>
    /// Writes <paramref name="commit"/> in one transaction, together with all others that wait. Never throws for what the store's disk or
    /// server does: that is an outcome.
    /// </summary>
    /// <param name="commit">What to write.</param>
    /// <param name="withdraw">Takes the commit back as long as no transaction has taken it; afterwards it does nothing.</param>
    ValueTask<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw);

    /// <summary>
    /// Loads a saga; null if there is none. After a commit of unknown outcome it answers only when that outcome can no longer change.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<StoredSaga?> LoadAsync(SagaKey saga, CancellationToken cancellation);

    /// <summary>
    /// Reads up to <paramref name="limit"/> entries of a saga after <paramref name="after"/>, oldest first; null if there is no such saga.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation);

    /// <summary>
    /// Finds a request that has not expired at <paramref name="now"/>: of this caller, or one that was stored before callers were; null if
    /// there is none.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Finds sagas, newest start first.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="FormatException"><see cref="SagaQuery.After"/> was not made by this store.</exception>
    Task<StoredPage> ListAsync(SagaQuery query, CancellationToken cancellation);

    /// <summary>
    /// Finds unfinished sagas that nobody owns and that are due at <paramref name="until"/>, oldest wake-up first, after
    /// <paramref name="after"/> (null: from the first). Only those of the <paramref name="partition"/>, and not those whose row says
    /// <see cref="SagaStatus.Held"/>.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<IReadOnlyList<DueSaga>> FindDueAsync(
        SagaPartition partition,
        DateTimeOffset until,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    );

    /// <summary>
    /// Finds unfinished sagas owned by an incarnation that is not in <paramref name="alive"/>, oldest start first, after
    /// <paramref name="after"/> (null: from the first). Only those of the <paramref name="partition"/>, and not those whose row says
    /// <see cref="SagaStatus.Held"/>.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<IReadOnlyList<DueSaga>> FindOrphansAsync(
        SagaPartition partition,
        IReadOnlyCollection<Incarnation> alive,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    );

    /// <summary>
    /// Finds sagas whose row says <see cref="SagaStatus.Held"/>, by namespace and number, after <paramref name="after"/> (null: from the
    /// first).
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<IReadOnlyList<DueSaga>> FindHeldAsync(DueSaga? after, int limit, CancellationToken cancellation);

    /// <summary>
    /// Counts the sagas of the <paramref name="partition"/> that wait, are stuck or are held, each up to <paramref name="limit"/>: by
    /// indexes alone, because it is done again and again.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<SagaCounts> CountAsync(SagaPartition partition, int limit, CancellationToken cancellation);

    /// <summary>
    /// Removes up to <paramref name="limit"/> sagas that ended before <paramref name="endedBefore"/>, with their histories; and as many
    /// request rows that expired before <paramref name="now"/>. A request row outlives its saga until its own expiry. Returns how many
    /// sagas were removed.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<int> PurgeAsync(DateTimeOffset endedBefore, DateTimeOffset now, int limit, CancellationToken cancellation);

    /// <summary>Whether the store can take commits now; if not, why.</summary>
    StoreHealth Health { get; }
}
