using Npgsql;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql.Opening;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>
/// One writer's connection: looked after, given up where something went wrong, and made anew by itself. What it says of the store's health
/// may be asked from anywhere; all else runs on the writer's thread.
/// </summary>
internal sealed class WriterSession(
    PostgreSqlSagaStoreOptions options,
    Server server,
    TimeProvider clock,
    Membership membership,
    int writer,
    RevisionCache? known
) : IDisposable
{
    // One at a time: two that have inserted could not truncate.
    private const string Probe =
        "SELECT pg_advisory_xact_lock('probe'::regclass::oid::bigint); INSERT INTO probe SELECT repeat('x', 2000) "
        + "FROM generate_series(1, 64); TRUNCATE probe";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private NpgsqlConnection? _connection;
    private BatchStatement? _statement;
    private SingleCommitStatements? _single;
    private ITimer? _watch;
    private bool _isFull;
    private bool _wasUsed;
    private bool _isClosed;
    private long _triedAt = long.MinValue;

    private volatile StoreException? _unsettled;
    private volatile string? _problem;

    /// <summary>What keeps this writer from committing, in words for an operator; null when nothing does.</summary>
    internal string? Problem => membership.Fenced?.Message ?? _problem;

    /// <summary>Once <see cref="Ready"/> has found nothing in the way.</summary>
    internal NpgsqlConnection Connection => _connection!;

    /// <summary>Once <see cref="Ready"/> has found nothing in the way.</summary>
    internal BatchStatement Statement => _statement!;

    /// <summary>Once <see cref="Ready"/> has found nothing in the way.</summary>
    internal SingleCommitStatements Single => _single!;

    /// <summary>Why nobody knows whether a commit happened, while that may still change; null where all is known.</summary>
    internal StoreException? Unsettled => membership.Fenced is null ? _unsettled : null;

    /// <summary>Connects, does what is to be done <paramref name="first"/>, and takes the writer's row.</summary>
    internal void Open(Action<NpgsqlConnection> first, CancellationToken cancellation)
    {
        var connection = ConnectPatiently(cancellation);
        try
        {
            first(connection);
            Use(connection, membership.Raise(connection, writer) ?? throw Fence());
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>From now on the connection is looked after, on the thread that <paramref name="post"/> leads to.</summary>
    internal void Watch(Func<Action, bool> post) =>
        _watch = clock.CreateTimer(_ => _ = post(Look), null, options.RetryAfter, Timeout.InfiniteTimeSpan);

    /// <summary>Leaves the store if this is the engine's first writer, and closes the connection.</summary>
    public void Dispose()
    {
        _isClosed = true;
        _watch?.Dispose();
        try
        {
            if (writer == 0 && _connection is { } connection)
                membership.Leave(connection);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // The row stays and harms nobody: its session is over.
        }

        Disconnect();
    }

    /// <summary>
    /// What stands in the way of a transaction; null when nothing does. While the server is away it is not asked for each batch.
    /// </summary>
    internal StoreException? Ready()
    {
        if (membership.Fenced is { } fenced)
            return fenced;
        if (_connection is not null)
            return null;
        if (_triedAt != long.MinValue && clock.GetElapsedTime(_triedAt) < options.RetryAfter)
            return new StoreException(_problem ?? $"The saga store '{server.Name}' is not connected.", _unsettled?.InnerException);
        return Reconnect();
    }

    /// <summary>The server has answered, and perhaps written.</summary>
    internal void Used(bool wrote)
    {
        _wasUsed = true;
        if (!wrote)
            return;
        _problem = null;
        _isFull = false;
    }

    /// <summary>One commit cannot be written for a reason of its own.</summary>
    internal StoreException Refuse(Exception error) => server.Unreachable("refuses a commit", error);

    /// <summary>The transaction was rolled back for a reason of the server's.</summary>
    internal StoreException RecordFailure(Exception error)
    {
        // After some errors Npgsql gives the connection up: nothing is in doubt, and the next one is made anew.
        if (_connection is { FullState: not System.Data.ConnectionState.Open })
            Disconnect();
        _isFull |= ServerFault.IsFull(error);
        var problem = server.Unreachable("cannot write", error);
        _problem = problem.Message;
        return problem;
    }

    /// <summary>
    /// The connection is given up with a transaction of which nobody knows what became, and made anew at once: until then nobody may read.
    /// </summary>
    internal StoreException Lose(Exception error)
    {
        Disconnect();
        _isFull |= ServerFault.IsFull(error);
        var problem = server.Unreachable("did not say whether it wrote", error);
        _unsettled = problem;
        _problem = problem.Message;
        _triedAt = long.MinValue;
        _ = _watch?.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        return problem;
    }

    /// <summary>Nothing of this engine will ever be committed again, and so nothing is in doubt any more.</summary>
    internal StoreException Fence()
    {
        Disconnect();
        return membership.Fence();
    }

    private NpgsqlConnection ConnectPatiently(CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return server.ConnectWriter();
            }
            catch (Exception e)
                when (e is NpgsqlException
                    && clock.GetElapsedTime(began) < options.OpenTimeout
                    && e is not PostgresException { SqlState: "28000" or "28P01" or "3D000" }
                )
            {
                cancellation.WaitHandle.WaitOne(Pause);
            }
        }
    }

    private StoreException? Reconnect()
    {
        _triedAt = clock.GetTimestamp();
        NpgsqlConnection? connection = null;
        try
        {
            connection = server.ConnectWriter();
            if (membership.Resume(connection, writer) is not { } epoch)
            {
                connection.Dispose();
                return Fence();
            }

            Use(connection, epoch);
            _unsettled = null;
            AskForRoom();
            _problem = null;
            _triedAt = long.MinValue;
            return null;
        }
        catch (Exception e)
        {
            Disconnect();
            connection?.Dispose();
            var error = e as StoreException ?? server.Unreachable("does not answer", e);
            _problem = error.Message;
            return error;
        }
    }

    /// <summary>
    /// Once in a while: the connection is tried, an engine that was fenced learns it, and one whose server was away finds it again.
    /// </summary>
    private void Look()
    {
        if (_isClosed)
            return;
        try
        {
            if (membership.Fenced is not null)
                Disconnect();
            else if (_connection is not null && _wasUsed && _problem is null)
                return;
            else if (_connection is null)
                _ = Reconnect();
            else if (_problem is not null)
                Recover(_connection);
            else if (!membership.IsMember(_connection))
                _ = Fence();
        }
        catch (Exception e) when (ServerFault.IsRolledBack(e))
        {
            _ = RecordFailure(e);
        }
        catch (Exception e)
        {
            // Nothing was being committed: nothing is in doubt.
            Disconnect();
            _problem = server.Unreachable("does not answer", e).Message;
        }
        finally
        {
            _wasUsed = false;
            _watch!.Change(options.RetryAfter, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Only a write that succeeds says that the server takes writes again.</summary>
    private void Recover(NpgsqlConnection connection)
    {
        AskForRoom();
        if (membership.Raise(connection, writer) is not { } epoch)
        {
            _ = Fence();
            return;
        }

        (_statement!.Epoch, _single!.Epoch) = (epoch, epoch);
        _problem = null;
    }

    /// <summary>Where the disk was full, only a write that needs room says that there is some.</summary>
    private void AskForRoom()
    {
        if (!_isFull)
            return;
        using var probe = new NpgsqlCommand(Probe, _connection);
        probe.ExecuteNonQuery();
        _isFull = false;
    }

    private void Use(NpgsqlConnection connection, long epoch)
    {
        _statement = new BatchStatement(connection, membership.Incarnation, writer, epoch, known);
        _single = new SingleCommitStatements(connection, membership.Incarnation, writer, epoch);
        known?.Clear();
        _connection = connection;
    }

    private void Disconnect()
    {
        _statement?.Dispose();
        _single?.Dispose();
        (_statement, _single) = (null, null);
        _connection?.Dispose();
        _connection = null;
    }
}
