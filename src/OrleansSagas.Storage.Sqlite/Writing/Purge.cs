using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>Removes what ended long ago. Rare and bounded, so its statements are prepared each time.</summary>
internal static class Purge
{
    private static readonly long Retention = (long)StoredRequest.Retention.TotalMilliseconds;

    internal static int Run(SqliteConnection connection, DateTimeOffset endedBefore, DateTimeOffset now, int limit)
    {
        var ended = endedBefore.ToUnixTimeMilliseconds();
        var at = now.ToUnixTimeMilliseconds();
        var sagas = FindSagas(connection, ended, limit);
        foreach (var saga in sagas)
            Remove(connection, saga, at);
        SweepRequests(connection, at, limit);
        return sagas.Count;
    }

    private static List<EndedSaga> FindSagas(SqliteConnection connection, long endedBefore, int limit)
    {
        using var find = connection.PrepareOnce(
            "SELECT no, namespace, id, request_caller, request_key, ended_at, tags FROM saga INDEXED BY saga_ended WHERE ended_at IS "
                + "NOT NULL AND ended_at < ? ORDER BY ended_at, no LIMIT ?"
        );
        find.Bind(1, endedBefore);
        find.Bind(2, limit);
        return Read(find);
    }

    private static List<EndedSaga> Read(SqliteStatement find)
    {
        var sagas = new List<EndedSaga>();
        while (find.Step())
            sagas.Add(
                new EndedSaga(
                    find.Int64(0),
                    find.Text(1),
                    find.Text(2),
                    find.TextOrNull(3),
                    find.TextOrNull(4),
                    find.Int64(5),
                    find.TextOrNull(6)
                )
            );
        return sagas;
    }

    private static void Remove(SqliteConnection connection, EndedSaga saga, long now)
    {
        var expires = saga.EndedAt + Retention;
        if (expires > now)
            KeepRequests(connection, saga, expires);
        else
            RemoveRequests(connection, saga);
        if (saga.Tags is not null)
            RemoveTags(connection, saga);
        Run(connection, "DELETE FROM history WHERE saga = ?1", s => s.Bind(1, saga.Number));
        Run(connection, "DELETE FROM saga WHERE no = ?1", s => s.Bind(1, saga.Number));
        Run(connection, "UPDATE engine SET purged_to = max(purged_to, ?1)", s => s.Bind(1, saga.Number));
    }

    private static void KeepRequests(SqliteConnection connection, EndedSaga saga, long expires) =>
        ForRequests(connection, saga, "UPDATE request SET expires_at = ?4", s => s.Bind(4, expires));

    private static void RemoveRequests(SqliteConnection connection, EndedSaga saga) =>
        ForRequests(connection, saga, "DELETE FROM request", static _ => { });

    // The request that started the saga stands in the saga's row; those of operators' verbs have an index of their own.
    private static void ForRequests(SqliteConnection connection, EndedSaga saga, string change, Action<SqliteStatement> bind)
    {
        if (saga.RequestKey is not null)
        {
            Run(
                connection,
                $"{change} WHERE namespace = ?1 AND key = ?2 AND caller = ?5 AND saga = ?3 AND expires_at IS NULL",
                s =>
                {
                    s.Bind(1, saga.Namespace);
                    s.Bind(2, saga.RequestKey);
                    s.Bind(3, saga.Id);
                    s.Bind(5, saga.RequestCaller ?? RequestKey.UnknownCaller);
                    bind(s);
                }
            );
        }

        Run(
            connection,
            $"{change} WHERE verb IS NOT NULL AND namespace = ?1 AND saga = ?3 AND expires_at IS NULL",
            s =>
            {
                s.Bind(1, saga.Namespace);
                s.Bind(3, saga.Id);
                bind(s);
            }
        );
    }

    private static void RemoveTags(SqliteConnection connection, EndedSaga saga)
    {
        foreach (var (name, value) in TagText.Read(saga.Tags))
        {
            Run(
                connection,
                "DELETE FROM tag WHERE namespace = ?1 AND name = ?2 AND value = ?3 AND saga = ?4",
                s =>
                {
                    s.Bind(1, saga.Namespace);
                    s.Bind(2, name);
                    s.Bind(3, value);
                    s.Bind(4, saga.Number);
                }
            );
        }
    }

    // Two kinds have expired: those that say so, and those of sagas that are kept longer than 24 hours after their end.
    // The latter are found once each, by going on from where the last sweep stopped.
    private static void SweepRequests(SqliteConnection connection, long now, int limit)
    {
        Run(
            connection,
            "DELETE FROM request WHERE (namespace, key, caller) IN (SELECT namespace, key, caller FROM request WHERE expires_at IS NOT "
                + "NULL AND expires_at <= ?1 LIMIT ?2)",
            s =>
            {
                s.Bind(1, now);
                s.Bind(2, limit);
            }
        );
        var from = connection.Scalar("SELECT swept_to FROM engine");
        var until = now - Retention;
        if (until <= from)
            return;
        using var find = connection.PrepareOnce(
            "SELECT no, namespace, id, request_caller, request_key, ended_at, tags FROM saga INDEXED BY saga_ended WHERE ended_at IS "
                + "NOT NULL AND ended_at >= ? AND ended_at <= ? ORDER BY ended_at, no LIMIT ?"
        );
        find.Bind(1, from);
        find.Bind(2, until);
        find.Bind(3, limit);
        var sagas = Read(find);
        foreach (var saga in sagas)
            RemoveRequests(connection, saga);

        // All of one millisecond fit under the limit in practice; where they do not, the sagas' own purge takes the rest.
        var next = sagas.Count < limit ? until : sagas[^1].EndedAt + (sagas[0].EndedAt == sagas[^1].EndedAt ? 1 : 0);
        Run(connection, "UPDATE engine SET swept_to = ?1", s => s.Bind(1, next));
    }

    private static void Run(SqliteConnection connection, string sql, Action<SqliteStatement> bind)
    {
        using var statement = connection.PrepareOnce(sql);
        bind(statement);
        statement.Execute();
    }

    private sealed record EndedSaga(
        long Number,
        string Namespace,
        string Id,
        string? RequestCaller,
        string? RequestKey,
        long EndedAt,
        string? Tags
    );
}
