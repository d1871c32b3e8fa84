using System.Diagnostics.Metrics;
using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;
using OrleansSagas.Storage.Sqlite.Reading;
using OrleansSagas.Storage.Sqlite.Schema;
using OrleansSagas.Storage.Sqlite.Writing;

namespace OrleansSagas.Storage.Sqlite;

/// <summary>Keeps sagas in one SQLite file, for one process. What it has acknowledged survives the loss of power.</summary>
internal sealed class SqliteSagaStore : ISagaStore
{
    private readonly SqliteSagaStoreOptions _options;
    private readonly SagaRuntime _runtime;
    private readonly IMeterFactory? _meters;
    private readonly string _path;
    private readonly ReaderPool _readers;

    private FileStream? _lock;
    private SqliteWriter? _writer;
    private GroupCommit? _group;
    private bool _disposed;

    /// <summary>Makes a store that is not open yet.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="runtime">Where its commits are batched.</param>
    /// <param name="meters">Makes the meter of what is measured; null for measuring nothing.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public SqliteSagaStore(SqliteSagaStoreOptions options, SagaRuntime runtime, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(runtime);
        _options = options;
        _runtime = runtime;
        _meters = meters;
        _path = Path.GetFullPath(options.Path);
        _readers = new ReaderPool(_path, options.Readers);
    }

    /// <inheritdoc />
    public StoreHealth Health => new(_group is null ? $"The saga store '{_path}' is not open." : _writer!.Problem);

    /// <summary>How many commits were written since the store was opened.</summary>
    public long Commits => _group?.Commits ?? 0;

    /// <summary>In how many transactions.</summary>
    public long Transactions => _group?.Batches ?? 0;

    internal SqliteWriter Writer => _writer ?? throw NotOpen();

    /// <inheritdoc />
    public async Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_lock is not null)
            throw new InvalidOperationException("This store was opened before.");
        cancellation.ThrowIfCancellationRequested();
        _lock = StoreLock.Take(_path);
        var writer = new SqliteWriter(_options, _runtime.Clock);
        try
        {
            var opened = await writer.OpenAsync(connection => Open(connection, plans));
            _writer = writer;
            _group = new GroupCommit(_runtime, [writer], _options.MaxBatch, _meters);
            return opened;
        }
        catch (Exception e)
        {
            await writer.DisposeAsync();
            await _lock.DisposeAsync();
            _lock = null;
            if (e is SqliteError)
                throw new StoreException(
                    $"The saga store '{_path}' cannot be opened: {e.Message} See to the file, the disk's space and the permissions.",
                    e
                );
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw) =>
        _group is { } group ? group.CommitAsync(commit, withdraw) : new(new CommitResult(CommitOutcome.NotCommitted, Error: NotOpen()));

    /// <inheritdoc />
    public Task<StoredSaga?> LoadAsync(SagaKey saga, CancellationToken cancellation) =>
        ReadSettledAsync(reader => reader.Load(saga), cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ReadAsync(reader => reader.ReadHistory(saga, after, limit), cancellation);
    }

    /// <inheritdoc />
    public Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset now, CancellationToken cancellation) =>
        ReadSettledAsync(reader => reader.FindRequest(key, now), cancellation);

    /// <inheritdoc />
    public Task<StoredPage> ListAsync(SagaQuery query, CancellationToken cancellation)
    {
        var before = PageBounds.Before(query);
        return ReadAsync(reader => SagaSearch.List(reader, query, before), cancellation);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DueSaga>> FindDueAsync(
        SagaPartition partition,
        DateTimeOffset until,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync(reader => RecoverySearch.FindDue(reader, partition, until, after, limit), cancellation);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DueSaga>> FindOrphansAsync(
        SagaPartition partition,
        IReadOnlyCollection<Incarnation> alive,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(alive);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync(reader => RecoverySearch.FindOrphans(reader, partition, alive, after, limit), cancellation);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DueSaga>> FindHeldAsync(DueSaga? after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync(reader => RecoverySearch.FindHeld(reader, after, limit), cancellation);
    }

    /// <inheritdoc />
    public async Task<SagaCounts> CountAsync(SagaPartition partition, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync(reader => SagaCounting.Count(reader, partition, limit), cancellation);
    }

    /// <inheritdoc />
    public Task<int> PurgeAsync(DateTimeOffset endedBefore, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellation.ThrowIfCancellationRequested();
        ThrowIfClosed();
        return Writer.WriteAsync(connection => Purge.Run(connection, endedBefore, now, limit));
    }

    /// <summary>Writes what waits, closes the file, and lets another process have it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_group is not null)
            await _group.DisposeAsync();
        await _readers.CloseAsync();
        if (_writer is not null)
            await _writer.DisposeAsync();
        _readers.Dispose();
        if (_lock is not null)
            await _lock.DisposeAsync();
    }

    private Task<T> ReadAsync<T>(Func<SagaReader, T> read, CancellationToken cancellation)
    {
        ThrowIfClosed();
        return _readers.ReadAsync(read, cancellation);
    }

    private Task<T> ReadSettledAsync<T>(Func<SagaReader, T> read, CancellationToken cancellation)
    {
        ThrowIfClosed();
        Writer.ThrowIfUnsettled();
        return _readers.ReadAsync(read, cancellation);
    }

    private void ThrowIfClosed()
    {
        if (_group is null || _disposed)
            throw NotOpen();
    }

    private StoreException NotOpen() =>
        new($"The saga store '{_path}' is not open: call OpenAsync first, and nothing after it was disposed.");

    private EngineOpened Open(SqliteConnection connection, IReadOnlyList<PlanIdentity> plans)
    {
        SchemaMigrations.Apply(connection, _path);
        connection.Execute("BEGIN IMMEDIATE; UPDATE engine SET incarnation = incarnation + 1");
        var incarnation = connection.Scalar("SELECT incarnation FROM engine");
        var missing = PlanTable.Replace(connection, plans);
        connection.Execute("COMMIT");
        return new EngineOpened(new Incarnation(incarnation), missing);
    }
}
