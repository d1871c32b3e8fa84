using System.Diagnostics.Metrics;
using Npgsql;
using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql.Opening;
using OrleansSagas.Storage.PostgreSql.Reading;
using OrleansSagas.Storage.PostgreSql.Writing;

namespace OrleansSagas.Storage.PostgreSql;

/// <summary>Keeps sagas in a PostgreSQL database, for one Local engine or for a cluster.</summary>
internal sealed class PostgreSqlSagaStore : ISagaClusterStore
{
    private const int MaxName = 200;

    private readonly PostgreSqlSagaStoreOptions _options;
    private readonly SagaRuntime _runtime;
    private readonly IMeterFactory? _meters;
    private readonly Server _server;
    private readonly ReaderPool _readers;

    private PostgreSqlWriters? _writers;
    private GroupCommit? _group;
    private bool _opening;
    private bool _disposed;

    /// <summary>Makes a store that is not open yet.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="runtime">Where its commits are batched.</param>
    /// <param name="meters">Makes the meter of what is measured; null for measuring nothing.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public PostgreSqlSagaStore(PostgreSqlSagaStoreOptions options, SagaRuntime runtime, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(runtime);
        _options = options;
        _runtime = runtime;
        _meters = meters;
        _server = new Server(options);
        _readers = new ReaderPool(_server, options.Readers);
    }

    /// <inheritdoc />
    public StoreHealth Health => new(_group is null ? $"The saga store '{_server.Name}' is not open." : _writers!.Problem);

    /// <summary>How many commits were written since the store was opened.</summary>
    public long Commits => _group?.Commits ?? 0;

    /// <summary>In how many transactions.</summary>
    public long Transactions => _group?.Batches ?? 0;

    internal PostgreSqlWriters Writers => _writers ?? throw NotOpen();

    /// <inheritdoc />
    public Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation) =>
        OpenAsync(null, plans, cancellation);

    /// <inheritdoc />
    public Task<EngineOpened> JoinAsync(JoiningEngine engine, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(engine);
        foreach (var name in (string[])[engine.Name, engine.Cluster.ClusterId, engine.Cluster.ServiceId])
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(engine));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MaxName, nameof(engine));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(engine.Partitions, 1, nameof(engine));
        return OpenAsync(engine, engine.Plans, cancellation);
    }

    /// <inheritdoc />
    public ValueTask<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw) =>
        _group is { } group ? group.CommitAsync(commit, withdraw) : new(new CommitResult(CommitOutcome.NotCommitted, Error: NotOpen()));

    /// <inheritdoc />
    public Task<StoredSaga?> LoadAsync(SagaKey saga, CancellationToken cancellation) =>
        ReadSettledAsync((connection, cancel) => SagaReader.LoadAsync(connection, saga, cancel), cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ReadAsync((connection, cancel) => SagaReader.ReadHistoryAsync(connection, saga, after, limit, cancel), cancellation);
    }

    /// <inheritdoc />
    public Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset now, CancellationToken cancellation) =>
        ReadSettledAsync((connection, cancel) => RequestLookup.FindAsync(connection, key, now, cancel), cancellation);

    /// <inheritdoc />
    public Task<StoredPage> ListAsync(SagaQuery query, CancellationToken cancellation)
    {
        var before = PageBounds.Before(query);
        return ReadAsync((connection, cancel) => SagaSearch.ListAsync(connection, query, before, cancel), cancellation);
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
        return await ReadAsync(
            (connection, cancel) => RecoverySearch.FindDueAsync(connection, partition, until, after, limit, cancel),
            cancellation
        );
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
        return await ReadAsync(
            (connection, cancel) => RecoverySearch.FindOrphansAsync(connection, partition, alive, after, limit, cancel),
            cancellation
        );
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<DueSaga>> FindHeldAsync(DueSaga? after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync((connection, cancel) => RecoverySearch.FindHeldAsync(connection, after, limit, cancel), cancellation);
    }

    /// <inheritdoc />
    public async Task<SagaCounts> CountAsync(SagaPartition partition, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync((connection, cancel) => SagaCounting.CountAsync(connection, partition, limit, cancel), cancellation);
    }

    /// <inheritdoc />
    public Task<int> PurgeAsync(DateTimeOffset endedBefore, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ReadAsync((connection, cancel) => Purge.RunAsync(connection, endedBefore, now, limit, cancel), cancellation);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<EngineMember>> ListMembersAsync(CancellationToken cancellation) =>
        ReadAsync((connection, cancel) => MemberTable.ListAsync(connection, Writers.Cluster, cancel), cancellation);

    /// <inheritdoc />
    public Task<bool> FenceAsync(Incarnation incarnation, CancellationToken cancellation) =>
        ReadAsync((connection, cancel) => MemberTable.FenceAsync(connection, incarnation, cancel), cancellation);

    /// <summary>Writes what waits, closes the connections, and lets another engine have the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_group is not null)
            await _group.DisposeAsync();
        if (_writers is not null)
            await _writers.DisposeAsync();
        await _readers.DisposeAsync();
    }

    private async Task<EngineOpened> OpenAsync(JoiningEngine? engine, IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_opening)
            throw new InvalidOperationException("This store was opened before.");
        cancellation.ThrowIfCancellationRequested();
        _opening = true;
        var writers = new PostgreSqlWriters(_options, _server, _runtime.Clock, engine);
        try
        {
            var opened = await writers.OpenAsync(plans, cancellation);
            _writers = writers;
            _group = new GroupCommit(_runtime, writers.All, _options.MaxBatch, _meters);
            return opened;
        }
        catch (Exception e)
        {
            _opening = false;
            await writers.DisposeAsync();
            if (e is NpgsqlException)
                throw new StoreException(
                    $"The saga store '{_server.Name}' cannot be opened: {ServerFault.Describe(e)}. See to the server, the network and "
                        + "the store's permissions.",
                    e
                );
            throw;
        }
    }

    private Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        if (_group is null || _disposed)
            throw NotOpen();
        return _readers.ReadAsync(read, cancellation);
    }

    private Task<T> ReadSettledAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        Writers.ThrowIfUnsettled();
        return ReadAsync(read, cancellation);
    }

    private StoreException NotOpen() =>
        new($"The saga store '{_server.Name}' is not open: call OpenAsync first, and nothing after it was disposed.");
}
