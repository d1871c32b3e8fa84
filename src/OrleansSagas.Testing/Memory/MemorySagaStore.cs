using System.Diagnostics.Metrics;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>
/// A store over <paramref name="tables"/>, which are its disk: they outlive it, so that one life of an engine after another can open a
/// store of its own over them.
/// </summary>
/// <remarks>Where it crashes instead of being closed, what waits for a batch is lost, what was written is not.</remarks>
internal sealed class MemorySagaStore(MemoryTables tables, SagaRuntime runtime, MemoryStoreHooks? hooks = null) : ISagaStore, IBatchWriter
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly MemoryStoreHooks _hooks = hooks ?? new MemoryStoreHooks();
    private GroupCommit? _group;
    private bool _isClosed;

    /// <summary>Makes the meter of what is measured; null for measuring nothing. It is set before the store is opened.</summary>
    public IMeterFactory? Meters { get; set; }

    public StoreHealth Health
    {
        get
        {
            lock (tables)
                return new(_group is null || _isClosed ? NotOpen().Message : _hooks.Outage()?.Message);
        }
    }

    public Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_group is not null)
            throw new InvalidOperationException("This store was opened before.");
        cancellation.ThrowIfCancellationRequested();
        lock (tables)
        {
            if (tables.Holder is not null)
                throw new StoreException("The store in memory is held by another engine: let that one stop or crash first.");
            tables.Holder = this;
            _group = new GroupCommit(runtime, [this], meters: Meters);
            return Task.FromResult(tables.Open(plans));
        }
    }

    public ValueTask<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw) =>
        _group is { } group ? group.CommitAsync(commit, withdraw) : new(new CommitResult(CommitOutcome.NotCommitted, Error: NotOpen()));

    public Task<StoredSaga?> LoadAsync(SagaKey saga, CancellationToken cancellation) => ReadAsync(() => tables.Load(saga), cancellation);

    public Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ReadAsync(() => tables.ReadHistory(saga, after, limit), cancellation);
    }

    public Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset now, CancellationToken cancellation) =>
        ReadAsync(() => tables.FindRequest(key, now), cancellation);

    public Task<StoredPage> ListAsync(SagaQuery query, CancellationToken cancellation) => ReadAsync(() => tables.List(query), cancellation);

    public Task<IReadOnlyList<DueSaga>> FindDueAsync(
        SagaPartition partition,
        DateTimeOffset until,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ReadAsync(() => tables.FindDue(partition, until, after, limit), cancellation);
    }

    public Task<IReadOnlyList<DueSaga>> FindOrphansAsync(
        SagaPartition partition,
        IReadOnlyCollection<Incarnation> alive,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(alive);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ReadAsync(() => tables.FindOrphans(partition, alive, after, limit), cancellation);
    }

    public Task<IReadOnlyList<DueSaga>> FindHeldAsync(DueSaga? after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ReadAsync(() => tables.FindHeld(after, limit), cancellation);
    }

    public Task<SagaCounts> CountAsync(SagaPartition partition, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ReadAsync(() => tables.Count(partition, limit), cancellation);
    }

    public Task<int> PurgeAsync(DateTimeOffset endedBefore, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ReadAsync(() => tables.Purge(endedBefore, now, limit), cancellation);
    }

    /// <summary>Writes what waits, and lets go of the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        if (_group is not null)
            await _group.DisposeAsync();
        Crash();
    }

    /// <summary>Lets go of the disk as it is.</summary>
    public void Crash()
    {
        lock (tables)
        {
            if (tables.Holder == this)
                tables.Holder = null;
        }
    }

    async ValueTask IBatchWriter.WriteAsync(CommitBatch batch)
    {
        bool lives;
        lock (tables)
            lives = TryWrite(batch);
        if (!lives)
        {
            Crash();
            await Never;
        }
    }

    /// <summary>Writes one transaction; false where the process died over it.</summary>
    private bool TryWrite(CommitBatch batch)
    {
        if (_hooks.Outage() is { } outage)
        {
            batch.AnswerAll(CommitOutcome.NotCommitted, outage);
            return true;
        }

        if (_hooks.DiesBefore(batch.Count))
            return false;
        for (var i = 0; i < batch.Count; i++)
            batch.Answer(i, Write(batch[i]));
        return !_hooks.DiesAfter(batch.Count);
    }

    private CommitResult Write(SagaCommit commit)
    {
        var fault = _hooks.FaultOf(commit);
        if (fault == MemoryStoreFault.UnknownNotWritten)
            return Unknown();
        var result = tables.Apply(commit);
        if (result.Outcome != CommitOutcome.Committed)
            return result;
        _hooks.Written(commit.Saga);
        return fault == MemoryStoreFault.UnknownWritten ? Unknown() : result;
    }

    private static CommitResult Unknown() =>
        new(CommitOutcome.Unknown, Error: new StoreException("The store did not answer, says the test."));

    private Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (tables)
        {
            if (_group is null || _isClosed)
                throw NotOpen();
            if (_hooks.Outage() is { } outage)
                throw outage;
            return Task.FromResult(read());
        }
    }

    private static StoreException NotOpen() =>
        new("The store in memory is not open: call OpenAsync first, and nothing after it was disposed.");
}
