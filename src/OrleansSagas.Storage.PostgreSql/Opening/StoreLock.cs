using Npgsql;

namespace OrleansSagas.Storage.PostgreSql.Opening;

/// <summary>
/// The lock by which an engine shows that it lives: one session holds it exclusively, for a Local engine, or those of a cluster's engines
/// share it. The server takes it back when the session ends, however that ends.
/// </summary>
internal sealed class StoreLock(NpgsqlConnection connection, Server server)
{
    private const string Key = "hashtextextended('OrleansSagas ' || $1, 0)";

    /// <summary>How long it is tried: a process that has just died leaves its session for a moment.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    internal bool TryTake() => Run("pg_try_advisory_lock");

    internal bool TryShare() => Run("pg_try_advisory_lock_shared");

    /// <summary>Gives back what was taken; what is shared stays.</summary>
    internal void GiveBack() => Run("pg_advisory_unlock");

    /// <summary>Tries for a while.</summary>
    internal bool TryPatiently(bool shared)
    {
        for (var waited = TimeSpan.Zero; ; waited += Pause)
        {
            if (shared ? TryShare() : TryTake())
                return true;
            if (waited >= LongestWait)
                return false;
            Thread.Sleep(Pause);
        }
    }

    /// <summary>Why the store is not to be had, in words for an operator.</summary>
    internal string Refusal()
    {
        using var find = Sql.Command(connection, "SELECT mode, name, opened_at FROM engine ORDER BY incarnation DESC LIMIT 1");
        using var reader = find.ExecuteReader();
        var holder = reader.Read()
            ? $"a {reader.GetString(0)} engine on '{reader.GetString(1)}' since {reader.GetDateTime(2):yyyy-MM-dd HH:mm:ss} UTC"
            : "an engine that is just starting";
        return $"The saga store '{server.Name}', schema '{server.Schema}', is held by another engine: {holder}. Stop that one first, "
            + "name another Schema, or start all of them as a cluster.";
    }

    private bool Run(string function) => (bool)Sql.Scalar(connection, $"SELECT {function}({Key})", server.Schema)!;
}
