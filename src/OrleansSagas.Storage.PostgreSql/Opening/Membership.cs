using Npgsql;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Opening;

/// <summary>
/// Who may commit. An engine is alive while its first writer's session holds the <see cref="StoreLock"/>. The rows of the engine and its
/// writers are what fences: they outlive the sessions, and every commit reads its writer's.
/// </summary>
internal sealed class Membership(Server server)
{
    private const string Local = "local";
    private const string Cluster = "cluster";
    private const string OwnSession = "pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()";

    private bool _isCluster;
    private volatile StoreException? _fenced;

    internal Incarnation Incarnation { get; private set; }

    /// <summary>Why nothing of this engine will ever be committed again; null while it may be.</summary>
    internal StoreException? Fenced => _fenced;

    /// <summary>The engine's row is gone.</summary>
    internal StoreException Fence() =>
        _fenced ??= new StoreException(
            $"This engine (incarnation {Incarnation.Value}) was shut out of the saga store '{server.Name}': another engine has taken "
                + "over. Nothing was written; stop this process, or start it anew."
        );

    /// <summary>
    /// Takes the store for one Local engine (<paramref name="engine"/> is null) or as one of a cluster's. Each writer still has to
    /// <see cref="Raise"/> its row.
    /// </summary>
    /// <exception cref="StoreException">Another engine or another cluster holds it.</exception>
    internal void Enter(
        NpgsqlConnection connection,
        JoiningEngine? engine,
        IReadOnlyList<PlanIdentity> plans,
        int writers,
        CancellationToken cancellation
    )
    {
        _isCluster = engine is not null;
        var store = new StoreLock(connection, server);
        using var entry = engine is null ? null : new ClusterEntry(connection, server, engine, store);
        entry?.Wait(cancellation);
        if (entry is null && !store.TryPatiently(shared: false))
            throw new StoreException(store.Refusal());

        // Whoever had the store before has lost its session: it must not come back. A cluster's engines leave each other alone.
        using var transaction = connection.BeginTransaction();
        Sql.Run(connection, _isCluster ? "DELETE FROM engine WHERE mode = 'local'" : "DELETE FROM engine");
        entry?.ShutOutStrangers();
        Incarnation = new Incarnation(InsertEngine(connection, engine, plans));
        Sql.Run(
            connection,
            "INSERT INTO writer (engine, no) SELECT $1, no FROM generate_series(0, $2 - 1) AS no",
            Incarnation.Value,
            writers
        );
        transaction.Commit();
    }

    /// <summary>
    /// Goes on over a new connection. From now on nothing that an earlier one of this writer sent can be committed. Null if this engine was
    /// fenced.
    /// </summary>
    /// <exception cref="StoreException">The earlier session is still there, or another engine is about to take over.</exception>
    internal long? Resume(NpgsqlConnection connection, int writer)
    {
        Sql.Run(
            connection,
            "SELECT pg_terminate_backend(a.pid) FROM writer w JOIN pg_stat_activity a ON a.pid = w.session AND "
                + "a.backend_start = w.session_began WHERE w.engine = $1 AND w.no = $2",
            Incarnation.Value,
            writer
        );
        if (Raise(connection, writer) is not { } epoch)
            return null;
        return writer > 0 || new StoreLock(connection, server).TryPatiently(_isCluster)
            ? epoch
            : throw new StoreException(
                $"The saga store '{server.Name}' is locked by another session: an earlier one of this engine that has not ended yet, or "
                    + "an engine that takes over."
            );
    }

    /// <summary>
    /// Waits for what is being committed under this writer's row, and shuts out all that its earlier connections may still send. Null if
    /// the engine was fenced.
    /// </summary>
    internal long? Raise(NpgsqlConnection connection, int writer) =>
        (long?)
            Sql.Scalar(
                connection,
                $"UPDATE writer SET epoch = epoch + 1, (session, session_began) = (SELECT {OwnSession}) WHERE engine = $1 AND no = $2 "
                    + "RETURNING epoch",
                Incarnation.Value,
                writer
            );

    internal bool IsMember(NpgsqlConnection connection) =>
        Sql.Scalar(connection, "SELECT 1 FROM engine WHERE incarnation = $1", Incarnation.Value) is not null;

    internal void Leave(NpgsqlConnection connection) => Sql.Run(connection, "DELETE FROM engine WHERE incarnation = $1", Incarnation.Value);

    private static long InsertEngine(NpgsqlConnection connection, JoiningEngine? engine, IReadOnlyList<PlanIdentity> plans) =>
        (long)
            Sql.Scalar(
                connection,
                "INSERT INTO engine (incarnation, mode, name, plans, cluster_id, service_id, partitions, stored_form) "
                    + "SELECT nextval('incarnation_no'), $1, $2, $3, $4::text, $5::text, $6::int, $7 RETURNING incarnation",
                engine is null ? Local : Cluster,
                engine?.Name ?? Environment.MachineName,
                PlanText.Write(plans),
                engine?.Cluster.ClusterId ?? (object)DBNull.Value,
                engine?.Cluster.ServiceId ?? (object)DBNull.Value,
                engine?.Partitions ?? (object)DBNull.Value,
                engine?.Form ?? StoredForm.Newest
            )!;
}
