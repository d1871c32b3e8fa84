using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Opening;

/// <summary>
/// The entry of one engine of a cluster. All rows of a cluster's engines are of one cluster with one number of partitions: whoever enters
/// otherwise finds nobody alive, and shuts the dead out, or is refused.
/// </summary>
/// <remarks>
/// One engine enters at a time, under a lock of its own. An engine lives while its session holds the store's lock; so whoever gets that
/// lock exclusively knows that none of those lives whose rows are there. One that has lost its connection to the server, as all have when
/// the server was restarted, is given the time to come back: a silo that is refused, and started again and again by its supervisor, must
/// not win the store in such a moment.
/// </remarks>
internal sealed class ClusterEntry(NpgsqlConnection connection, Server server, JoiningEngine engine, StoreLock store) : IDisposable
{
    /// <summary>Whether an engine's row (e) is of another cluster, or of another number of partitions.</summary>
    private const string IsStranger =
        "e.mode = 'cluster' AND e.cluster_id IS NOT NULL AND (e.cluster_id, e.service_id, e.partitions) IS DISTINCT FROM "
        + "($1::text, $2::text, $3::int)";

    private const string Entering = "hashtextextended('OrleansSagas entering ' || $1, 0)";

    private bool _isAlone;

    /// <summary>Waits until it may enter. It then holds the store's lock, and no stranger has it.</summary>
    /// <exception cref="StoreException">A Local engine, another cluster or a silo with another number of partitions is alive.</exception>
    internal void Wait(CancellationToken cancellation)
    {
        WaitForTurn(cancellation);
        TimeSpan silent = default,
            refused = default;
        while (refused <= StoreLock.LongestWait)
        {
            cancellation.ThrowIfCancellationRequested();
            var isStrange = FindStranger() is not null;
            if (!isStrange && store.TryShare())
                return;
            if (isStrange && store.TryTake())
            {
                if (_isAlone = silent >= server.LongestAway)
                    return;
                store.GiveBack();
                silent += StoreLock.Pause;
            }
            else
            {
                (silent, refused) = (default, refused + StoreLock.Pause);
            }

            Thread.Sleep(StoreLock.Pause);
        }

        throw new StoreException(FindStranger() is { } stranger ? Refusal(stranger) : store.Refusal());
    }

    /// <summary>Removes the rows of the dead strangers, in the transaction in which the engine writes its own.</summary>
    internal void ShutOutStrangers() => Sql.Run(connection, $"DELETE FROM engine e WHERE {IsStranger}", Mine);

    /// <summary>Lets the next one enter.</summary>
    public void Dispose()
    {
        if (connection.FullState != System.Data.ConnectionState.Open)
            return; // its locks went with it
        if (_isAlone)
        {
            store.TryShare();
            store.GiveBack();
        }

        Sql.Run(connection, $"SELECT pg_advisory_unlock({Entering})", server.Schema);
    }

    private object[] Mine => [engine.Cluster.ClusterId, engine.Cluster.ServiceId, engine.Partitions];

    private void WaitForTurn(CancellationToken cancellation)
    {
        while (!(bool)Sql.Scalar(connection, $"SELECT pg_try_advisory_lock({Entering})", server.Schema)!)
        {
            cancellation.ThrowIfCancellationRequested();
            Thread.Sleep(StoreLock.Pause);
        }
    }

    private (ClusterIdentity Cluster, int Partitions, string Name)? FindStranger()
    {
        using var find = Sql.Command(
            connection,
            $"SELECT e.cluster_id, e.service_id, e.partitions, e.name FROM engine e WHERE {IsStranger} ORDER BY e.incarnation DESC LIMIT 1",
            Mine
        );
        using var reader = find.ExecuteReader();
        return reader.Read()
            ? (new ClusterIdentity(reader.GetString(0), reader.GetString(1)), reader.GetInt32(2), reader.GetString(3))
            : null;
    }

    private string Refusal((ClusterIdentity Cluster, int Partitions, string Name) stranger)
    {
        var holder =
            stranger.Cluster == engine.Cluster ? OtherPartitions(stranger.Partitions) : OtherCluster(stranger.Cluster, stranger.Name);
        return $"The saga store '{server.Name}', schema '{server.Schema}', is held by {holder}";
    }

    private string OtherPartitions(int partitions) =>
        $"this cluster with {partitions} partitions; this silo is set to {engine.Partitions}. "
        + $"Set Partitions to {partitions} here as on the others, or stop all silos of the cluster before you change the number.";

    private string OtherCluster(ClusterIdentity other, string name) =>
        $"another cluster, '{other.ClusterId}' of the service '{other.ServiceId}', whose silo '{name}' is alive; "
        + $"this silo is of the cluster '{engine.Cluster.ClusterId}' of the service '{engine.Cluster.ServiceId}'. "
        + "Give both the same ClusterId and ServiceId if they are to be one cluster, stop all silos of the other one first, or name "
        + "another Schema.";
}
