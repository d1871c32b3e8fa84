using Npgsql;
using OrleansSagas.Storing;

namespace OrleansSagas.Storage.PostgreSql.Opening;

/// <summary>Who may commit. An engine is alive while its writer's session holds the store's lock: exclusively for a Local engine, shared for
/// those of a cluster; the server takes it back when the session ends, however that ends. The engine's row is what fences: it outlives the
/// session, and every commit reads it.</summary>
internal sealed class Membership(Server server)
{
    private const string Local = "local";
    private const string Cluster = "cluster";
    private const string OwnSession = "pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private bool _isCluster;

    internal Incarnation Incarnation { get; private set; }

    /// <summary>Takes the store for one Local engine (<paramref name="name"/> is null) or as one of a cluster's.</summary>
    /// <exception cref="StoreException">Another engine holds it.</exception>
    internal long Enter(NpgsqlConnection connection, string? name)
    {
        _isCluster = name is not null;
        if (!TryLock(connection, Patience))
            throw new StoreException(Refusal(connection));

        // Whoever had the store before has lost its session: it must not come back. A cluster's engines leave each other alone.
        using var transaction = connection.BeginTransaction();
        Run(connection, _isCluster ? "DELETE FROM engine WHERE mode = 'local'" : "DELETE FROM engine");
        using (var insert = Command(connection, $"INSERT INTO engine (incarnation, mode, name, session, session_began) SELECT nextval('incarnation_no'), $1, $2, {OwnSession} RETURNING incarnation", _isCluster ? Cluster : Local, name ?? Environment.MachineName))
            Incarnation = new Incarnation((long)insert.ExecuteScalar()!);
        transaction.Commit();
        return 0;
    }

    /// <summary>Goes on over a new connection. From now on nothing that an earlier one sent can be committed. Null if this engine was fenced.</summary>
    /// <exception cref="StoreException">The earlier session is still there, or another engine is about to take over.</exception>
    internal long? Resume(NpgsqlConnection connection)
    {
        Run(connection, "SELECT pg_terminate_backend(a.pid) FROM engine e JOIN pg_stat_activity a ON a.pid = e.session AND a.backend_start = e.session_began WHERE e.incarnation = $1", Incarnation.Value);
        if (Raise(connection) is not { } epoch)
            return null;
        return TryLock(connection, Patience)
            ? epoch
            : throw new StoreException($"The saga store '{server.Name}' is locked by another session: an earlier one of this engine that has not ended yet, or an engine that takes over.");
    }

    /// <summary>Waits for what is being committed under this engine's row, and shuts out all that its earlier connections may still send. Null if the engine was fenced.</summary>
    internal long? Raise(NpgsqlConnection connection)
    {
        using var raise = Command(connection, $"UPDATE engine SET epoch = epoch + 1, (session, session_began) = (SELECT {OwnSession}) WHERE incarnation = $1 RETURNING epoch", Incarnation.Value);
        return (long?)raise.ExecuteScalar();
    }

    internal bool IsMember(NpgsqlConnection connection)
    {
        using var find = Command(connection, "SELECT 1 FROM engine WHERE incarnation = $1", Incarnation.Value);
        return find.ExecuteScalar() is not null;
    }

    internal void Leave(NpgsqlConnection connection) => Run(connection, "DELETE FROM engine WHERE incarnation = $1", Incarnation.Value);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] arguments)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }

    private static void Run(NpgsqlConnection connection, string sql, params object[] arguments)
    {
        using var command = Command(connection, sql, arguments);
        command.ExecuteNonQuery();
    }

    /// <summary>A process that has just died leaves its session for a moment, so it is tried for a while.</summary>
    private bool TryLock(NpgsqlConnection connection, TimeSpan patience)
    {
        using var take = Command(connection, $"SELECT pg_try_advisory_lock{(_isCluster ? "_shared" : "")}(hashtextextended('OrleansSagas ' || $1, 0))", server.Schema);
        for (var waited = TimeSpan.Zero; ; waited += Pause)
        {
            if ((bool)take.ExecuteScalar()!)
                return true;
            if (waited >= patience)
                return false;
            Thread.Sleep(Pause);
        }
    }

    private string Refusal(NpgsqlConnection connection)
    {
        using var find = Command(connection, "SELECT mode, name, opened_at FROM engine ORDER BY incarnation DESC LIMIT 1");
        using var reader = find.ExecuteReader();
        var holder = reader.Read()
            ? $"a {reader.GetString(0)} engine on '{reader.GetString(1)}' since {reader.GetDateTime(2):yyyy-MM-dd HH:mm:ss} UTC"
            : "an engine that is just starting";
        return $"The saga store '{server.Name}', schema '{server.Schema}', is held by another engine: {holder}. Stop that one first, name another Schema, or start all of them as a cluster.";
    }
}
