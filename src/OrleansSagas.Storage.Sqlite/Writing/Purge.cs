using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>Removes what ended long ago. Rare and bounded, so its statements are prepared each time.</summary>
internal static class Purge
{
    internal static int Run(SqliteConnection connection, DateTimeOffset endedBefore, DateTimeOffset now, int limit)
    {
        var ended = endedBefore.ToUnixTimeMilliseconds();
        var at = now.ToUnixTimeMilliseconds();
        var sagas = Find(connection, "ended_at < ?", ended, (long)limit);
        foreach (var saga in sagas)
            Remove(connection, saga, at);
        SweepRequests(connection, at, limit);
        return sagas.Count;
    }

    private static List<EndedSaga> Find(SqliteConnection connection, string condition, params ReadOnlySpan<object> values)
    {
        using var find = connection.PrepareOnce(
            "SELECT no, namespace, id, request_caller, request_key, ended_at, tags FROM saga INDEXED BY saga_ended "
                + $"WHERE ended_at IS NOT NULL AND {condition} ORDER BY ended_at, no LIMIT ?",
            values
        );
        var sagas = new List<EndedSaga>();
        while (find.Step())
            sagas.Add(Read(find.Row));
        return sagas;
    }

    private static EndedSaga Read(SqliteRow row) =>
        new(row.Int64(0), row.Text(1), row.Text(2), row.TextOrNull(3), row.TextOrNull(4), row.Int64(5), row.Tags(6));

    private static void Remove(SqliteConnection connection, EndedSaga saga, long now)
    {
        var expires = saga.EndedAt + RequestColumns.Retention;
        if (expires > now)
            KeepRequests(connection, saga, expires);
        else
            RemoveRequests(connection, saga);
        foreach (var (name, value) in saga.Tags)
            connection.Run(
                "DELETE FROM tag WHERE namespace = ? AND name = ? AND value = ? AND saga = ?",
                saga.Namespace,
                name,
                value,
                saga.Number
            );
        connection.Run("DELETE FROM history WHERE saga = ?", saga.Number);
        connection.Run("DELETE FROM saga WHERE no = ?", saga.Number);
        connection.Run("UPDATE engine SET purged_to = max(purged_to, ?)", saga.Number);
    }

    private static void KeepRequests(SqliteConnection connection, EndedSaga saga, long expires) =>
        ForRequests(connection, saga, "UPDATE request SET expires_at = ?", expires);

    private static void RemoveRequests(SqliteConnection connection, EndedSaga saga) => ForRequests(connection, saga, "DELETE FROM request");

    // The request that started the saga stands in the saga's row; those of operators' verbs have an index of their own.
    private static void ForRequests(SqliteConnection connection, EndedSaga saga, string change, params object[] values)
    {
        if (saga.RequestKey is { } key)
            connection.Run(
                $"{change} WHERE namespace = ? AND key = ? AND caller = ? AND saga = ? AND expires_at IS NULL",
                [.. values, saga.Namespace, key, saga.RequestCaller ?? RequestKey.UnknownCaller, saga.Id]
            );
        connection.Run(
            $"{change} WHERE verb IS NOT NULL AND namespace = ? AND saga = ? AND expires_at IS NULL",
            [.. values, saga.Namespace, saga.Id]
        );
    }

    // Two kinds have expired: those that say so, and those of sagas that are kept longer than 24 hours after their end.
    // The latter are found once each, by going on from where the last sweep stopped.
    private static void SweepRequests(SqliteConnection connection, long now, long limit)
    {
        connection.Run(
            "DELETE FROM request WHERE (namespace, key, caller) IN (SELECT namespace, key, caller FROM request WHERE expires_at IS NOT "
                + "NULL AND expires_at <= ? LIMIT ?)",
            now,
            limit
        );
        var from = connection.Scalar("SELECT swept_to FROM engine");
        var until = now - RequestColumns.Retention;
        if (until <= from)
            return;
        var sagas = Find(connection, "ended_at >= ? AND ended_at <= ?", from, until, limit);
        foreach (var saga in sagas)
            RemoveRequests(connection, saga);

        // All of one millisecond fit under the limit in practice; where they do not, the sagas' own purge takes the rest.
        var next = sagas.Count < limit ? until : sagas[^1].EndedAt + (sagas[0].EndedAt == sagas[^1].EndedAt ? 1 : 0);
        connection.Run("UPDATE engine SET swept_to = ?", next);
    }

    private sealed record EndedSaga(
        long Number,
        string Namespace,
        string Id,
        string? RequestCaller,
        string? RequestKey,
        long EndedAt,
        IReadOnlyList<KeyValuePair<string, string>> Tags
    );
}
