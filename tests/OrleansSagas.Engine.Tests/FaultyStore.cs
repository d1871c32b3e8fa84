using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Engine.Tests;

/// <summary>What a store may answer instead of the truth.</summary>
internal enum Fault
{
    None,

    /// <summary>Nothing was written, and it says so.</summary>
    NotCommitted,

    /// <summary>It was written, and nobody knows.</summary>
    UnknownDone,

    /// <summary>It was not written, and nobody knows.</summary>
    UnknownNotDone,

    /// <summary>Another owner was faster.</summary>
    Conflict,
}

/// <summary>A store over a real one that fails where a test says so.</summary>
internal sealed class FaultyStore(ISagaStore inner) : ISagaStore
{
    private readonly SemaphoreSlim _frozen = new(1);
    private volatile bool _isFrozen;
    private int _writing;
    private long _lives;

    public ISagaStore Inner => inner;

    /// <summary>What becomes of a commit; called for each.</summary>
    public Func<SagaCommit, Fault> OnCommit { get; set; } = _ => Fault.None;

    /// <summary>What a commit waits for before the store takes it.</summary>
    public Func<SagaCommit, Task> BeforeCommit { get; set; } = _ => Task.CompletedTask;

    /// <summary>What a load waits for.</summary>
    public Func<SagaKey, Task> BeforeLoad { get; set; } = _ => Task.CompletedTask;

    /// <summary>What a load finds instead.</summary>
    public Func<StoredSaga, StoredSaga> OnLoaded { get; set; } = saga => saga;

    /// <summary>Whether a load fails.</summary>
    public Func<SagaKey, bool> OnLoad { get; set; } = _ => false;

    /// <summary>Whether the search for what is due or orphaned fails.</summary>
    public Func<bool> OnSearch { get; set; } = () => false;

    public StoreHealth Health => inner.Health;

    /// <summary>Opens the inner store once: a second engine gets another incarnation of the same.</summary>
    public async Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation) =>
        Interlocked.Increment(ref _lives) == 1
            ? await inner.OpenAsync(plans, cancellation)
            : new EngineOpened(new Incarnation(1_000_000 + _lives), []);

    public async ValueTask<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw)
    {
        await BeforeCommit(commit);
        await _frozen.WaitAsync(CancellationToken.None);
        Interlocked.Increment(ref _writing);
        _frozen.Release();
        try
        {
            return _isFrozen ? throw new DeadProcessException() : await WriteAsync(commit, withdraw);
        }
        finally
        {
            Interlocked.Decrement(ref _writing);
        }
    }

    /// <summary>Waits for what is being written, and takes nothing more.</summary>
    public async Task FreezeAsync()
    {
        await _frozen.WaitAsync();
        _isFrozen = true;
        _frozen.Release();
        while (Volatile.Read(ref _writing) > 0)
            await Task.Delay(1);
    }

    private async ValueTask<CommitResult> WriteAsync(SagaCommit commit, CancellationToken withdraw)
    {
        switch (OnCommit(commit))
        {
            case Fault.NotCommitted:
                return new CommitResult(CommitOutcome.NotCommitted, Error: Failure());
            case Fault.UnknownNotDone:
                return new CommitResult(CommitOutcome.Unknown, Error: Failure());
            case Fault.Conflict:
                return new CommitResult(CommitOutcome.Conflict);
            case Fault.UnknownDone:
                var result = await inner.CommitAsync(commit, withdraw);
                return result.Outcome == CommitOutcome.Committed ? new CommitResult(CommitOutcome.Unknown, Error: Failure()) : result;
            default:
                return await inner.CommitAsync(commit, withdraw);
        }
    }

    public async Task<StoredSaga?> LoadAsync(SagaKey saga, CancellationToken cancellation)
    {
        await BeforeLoad(saga);
        if (_isFrozen)
            throw new DeadProcessException();
        if (OnLoad(saga))
            throw Failure();
        return await inner.LoadAsync(saga, cancellation) is { } stored ? OnLoaded(stored) : null;
    }

    public Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation) =>
        inner.ReadHistoryAsync(saga, after, limit, cancellation);

    public Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset now, CancellationToken cancellation) =>
        inner.FindRequestAsync(key, now, cancellation);

    public Task<StoredPage> ListAsync(SagaQuery query, CancellationToken cancellation) => inner.ListAsync(query, cancellation);

    public Task<IReadOnlyList<DueSaga>> FindDueAsync(
        SagaPartition partition,
        DateTimeOffset until,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    ) =>
        OnSearch()
            ? Task.FromException<IReadOnlyList<DueSaga>>(Failure())
            : inner.FindDueAsync(partition, until, after, limit, cancellation);

    public Task<IReadOnlyList<DueSaga>> FindHeldAsync(DueSaga? after, int limit, CancellationToken cancellation) =>
        OnSearch() ? Task.FromException<IReadOnlyList<DueSaga>>(Failure()) : inner.FindHeldAsync(after, limit, cancellation);

    public Task<IReadOnlyList<DueSaga>> FindOrphansAsync(
        SagaPartition partition,
        IReadOnlyCollection<Incarnation> alive,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    ) =>
        OnSearch()
            ? Task.FromException<IReadOnlyList<DueSaga>>(Failure())
            : inner.FindOrphansAsync(partition, alive, after, limit, cancellation);

    public Task<SagaCounts> CountAsync(SagaPartition partition, int limit, CancellationToken cancellation) =>
        inner.CountAsync(partition, limit, cancellation);

    public Task<int> PurgeAsync(DateTimeOffset endedBefore, DateTimeOffset now, int limit, CancellationToken cancellation) =>
        inner.PurgeAsync(endedBefore, now, limit, cancellation);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static StoreException Failure() => new("The disk is broken, says the test.");
}
