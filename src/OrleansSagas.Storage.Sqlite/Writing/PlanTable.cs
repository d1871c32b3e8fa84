using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>The versions of which unfinished sagas may be stored.</summary>
internal static class PlanTable
{
    /// <summary>
    /// Records <paramref name="given"/>, drops what no unfinished saga needs any more, and returns what one needs and is not given.
    /// </summary>
    internal static List<PlanIdentity> Replace(SqliteConnection connection, IReadOnlyList<PlanIdentity> given)
    {
        var missing = new List<PlanIdentity>();
        var stored = ReadAll(connection);
        foreach (var plan in stored.Where(plan => !given.Contains(plan)))
        {
            if (IsNeeded(connection, plan))
                missing.Add(plan);
            else
                connection.Run("DELETE FROM plan WHERE type = ? AND version = ? AND fingerprint = ?", Columns(plan));
        }

        foreach (var plan in given.Where(plan => !stored.Contains(plan)))
            connection.Run("INSERT INTO plan (type, version, fingerprint) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", Columns(plan));
        return missing;
    }

    private static List<PlanIdentity> ReadAll(SqliteConnection connection)
    {
        using var select = connection.PrepareOnce("SELECT type, version, fingerprint FROM plan ORDER BY type, version, fingerprint");
        var plans = new List<PlanIdentity>();
        while (select.Step())
            plans.Add(select.Row.Plan(0));
        return plans;
    }

    // Only for a version that is no longer given: from namespace to namespace, and in each only the unfinished sagas.
    private static bool IsNeeded(SqliteConnection connection, PlanIdentity plan)
    {
        using var find = connection.PrepareOnce(
            """
            WITH RECURSIVE ns (name) AS (
              SELECT min(namespace) FROM saga INDEXED BY saga_status WHERE status <> 5
              UNION ALL
              SELECT (SELECT min(namespace) FROM saga INDEXED BY saga_status WHERE status <> 5 AND namespace > ns.name) FROM ns
                WHERE ns.name IS NOT NULL)
            SELECT 1 FROM ns CROSS JOIN saga s INDEXED BY saga_status
            WHERE s.namespace = ns.name AND s.status IN (0, 1, 2, 3, 4, 10) AND s.status <> 5 AND s.type = ? AND s.version = ?
              AND s.fingerprint = ? LIMIT 1
            """,
            Columns(plan)
        );
        return find.Step();
    }

    private static object[] Columns(PlanIdentity plan) => [plan.Type, (long)plan.Version, plan.Fingerprint];
}
