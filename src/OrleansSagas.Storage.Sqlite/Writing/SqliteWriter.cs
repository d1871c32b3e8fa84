using System.Diagnostics;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>
/// The one writer of the file: takes batches and rare jobs, all on its thread, and recovers by itself when the disk does.
/// </summary>
internal sealed class SqliteWriter : IBatchWriter, IAsyncDisposable
{
    private readonly SqliteSagaStoreOptions _options;
    private readonly WriterThread _thread;
    private readonly Action _runBatch;
    private readonly ITimer _retry;

    private SqliteConnection? _connection;
    private BatchTransaction? _transaction;
    private Checkpoints? _checkpoints;
    private CommitBatch? _batch;

    private volatile StoreException? _unsettled;
    private volatile string? _problem;

    internal SqliteWriter(SqliteSagaStoreOptions options, TimeProvider clock)
    {
        _options = options;
        _runBatch = RunBatch;
        _thread = new WriterThread("OrleansSagas SQLite writer");
        _retry = clock.CreateTimer(_ => _ = _thread.TryPost(Recover), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal WriterHooks Hooks { get; } = new();

    /// <summary>What keeps the store from taking commits, in words for an operator; null when nothing does.</summary>
    internal string? Problem => _problem;

    /// <summary>How many pages the write-ahead log holds.</summary>
    internal int WalPages => _connection?.WalPages ?? 0;

    /// <summary>A commit may have happened or not, and that may still change with a crash: nobody may read before it is settled.</summary>
    /// <exception cref="StoreException">So it is.</exception>
    internal void ThrowIfUnsettled()
    {
        if (_unsettled is { } error)
            throw new StoreException(error.Message, error.InnerException);
    }

    /// <summary>Runs <paramref name="open"/> on a new connection, which becomes the writer's.</summary>
    internal Task<T> OpenAsync<T>(Func<SqliteConnection, T> open) =>
        _thread.RunAsync(() =>
        {
            var connection = Connect();
            try
            {
                var opened = open(connection);
                Use(connection);
                return opened;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        });

    public ValueTask WriteAsync(CommitBatch batch)
    {
        _batch = batch;
        return _thread.WriteAsync(_runBatch);
    }

    /// <summary>Runs <paramref name="work"/> in a transaction of its own.</summary>
    /// <exception cref="StoreException">It was not, or perhaps not, committed.</exception>
    internal Task<T> WriteAsync<T>(Func<SqliteConnection, T> work) =>
        _thread.RunAsync(() =>
        {
            var result = default(T)!;
            if (_unsettled is not null && !ResolveUnknownCommit())
                throw Unavailable(_unsettled);
            if (_transaction!.Run(() => result = work(_connection!)) is { } failure)
            {
                RecordFailure(failure);
                throw Unavailable(failure.Error);
            }

            _transaction.Forget();
            Finish();
            return result;
        });

    /// <summary>Runs <paramref name="work"/> on the writer's connection, outside a transaction.</summary>
    internal Task<T> RunAsync<T>(Func<SqliteConnection, T> work) => _thread.RunAsync(() => work(_connection!));

    /// <summary>Runs what waits, checkpoints and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _retry.DisposeAsync();
        await _thread.RunAsync(() =>
        {
            Disconnect(checkpoint: _unsettled is null);
            return true;
        });
        _thread.Dispose();
    }

    private void RunBatch()
    {
        var batch = _batch!;
        try
        {
            if (_unsettled is not null && !ResolveUnknownCommit())
                batch.AnswerAll(CommitOutcome.NotCommitted, Unavailable(_unsettled!.InnerException!));
            else if (_transaction!.Run(batch) is { } failure)
            {
                RecordFailure(failure);
                batch.AnswerAll(failure.Outcome, Unavailable(failure.Error));
            }
            else
                Finish();
        }
        catch (Exception e)
        {
            // A bug of the writer. Nobody can say what was written, and the thread must live on.
            RecordFailure(new BatchFailure(CommitOutcome.Unknown, e));
            batch.AnswerAll(CommitOutcome.Unknown, Unavailable(e));
        }

        _thread.Written(batch, _runBatch);
    }

    private void Finish()
    {
        Delay();
        _problem = null;
        try
        {
            if (_checkpoints!.RunIfDue(_connection!.WalPages))
            {
                Delay();
                Delay();
            }
        }
        catch (SqliteError e)
        {
            // What was committed stays in the log, and the next commit's checkpoint tries again.
            Report(e);
        }
    }

    private void RecordFailure(BatchFailure failure)
    {
        // A transaction that could not even be rolled back is as good as unknown: the connection is given up before anything else.
        if (failure.Outcome is CommitOutcome.Unknown || _connection is null || _connection.IsInTransaction)
            _unsettled = Unavailable(failure.Error);
        Report(failure.Error);
    }

    private void Report(Exception error)
    {
        _problem = Unavailable(error).Message;
        _ = _retry.Change(_options.RetryAfter, Timeout.InfiniteTimeSpan);
    }

    private void Recover()
    {
        if (_problem is null || _transaction is null)
            return;
        try
        {
            if (_unsettled is not null && !ResolveUnknownCommit())
                return;
            if (_transaction!.Run(() => SettleMarker.Probe(_connection!)) is { } failure)
                RecordFailure(failure);
            else
                Finish();
        }
        catch (Exception e)
        {
            RecordFailure(new BatchFailure(CommitOutcome.Unknown, e));
        }
    }

    // The frames of a commit that failed may lie in the log, whole and with their checksums, behind the last one that counts: a restart
    // after a crash could find them. A commit that succeeds overwrites them. After it the outcome is "not", for ever.
    private bool ResolveUnknownCommit()
    {
        try
        {
            if (_connection is null || _connection.IsInTransaction)
            {
                Disconnect(checkpoint: false);
                Use(Connect());
            }

            if (_transaction!.Run(() => SettleMarker.Write(_connection!)) is { } failure)
            {
                RecordFailure(new BatchFailure(CommitOutcome.Unknown, failure.Error));
                return false;
            }
        }
        catch (SqliteError e)
        {
            RecordFailure(new BatchFailure(CommitOutcome.Unknown, e));
            return false;
        }

        _unsettled = null;
        return true;
    }

    private SqliteConnection Connect()
    {
        // Nobody else writes, but a reader that comes upon a half-written index holds the write lock for a moment.
        var connection = new SqliteConnection(Path.GetFullPath(_options.Path), busyTimeout: TimeSpan.FromSeconds(5));
        try
        {
            connection.Execute(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536; "
                    + "PRAGMA temp_store = MEMORY"
            );
            connection.WatchWal();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Use(SqliteConnection connection)
    {
        _connection = connection;
        _checkpoints = new Checkpoints(connection, _options.CheckpointPages);
        _transaction = new BatchTransaction(connection, Hooks);
    }

    private void Disconnect(bool checkpoint)
    {
        if (_connection is null)
            return;
        try
        {
            if (checkpoint)
                _ = _connection.Checkpoint(Sqlite3.CheckpointTruncate);
        }
        catch (SqliteError)
        {
            // The log keeps what was committed; the next start reads it.
        }

        _connection.Dispose();
        _connection = null;
    }

    private StoreException Unavailable(Exception error) =>
        new(
            $"The saga store '{_options.Path}' cannot write: {(error is SqliteError sqlite ? sqlite.Message : error.GetType().Name)} It "
                + "is tried again by itself; see to the disk's space, health and permissions.",
            error
        );

    private void Delay()
    {
        if (_options.SyncDelay <= TimeSpan.Zero)
            return;
        var start = Stopwatch.GetTimestamp();
        var whole = (int)_options.SyncDelay.TotalMilliseconds - 1;
        if (whole > 0)
            Thread.Sleep(whole);
        while (Stopwatch.GetElapsedTime(start) < _options.SyncDelay)
            Thread.SpinWait(20);
    }
}
