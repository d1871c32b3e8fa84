using Npgsql;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Opening;

/// <summary>The versions of which unfinished sagas may be stored.</summary>
internal static class PlanTable
{
    /// <summary>
    /// Records <paramref name="given"/> and returns what unfinished sagas need and is not given. Where nobody else uses the store, what no
    /// unfinished saga needs any more is dropped.
    /// </summary>
    internal static List<PlanIdentity> Replace(NpgsqlConnection connection, IReadOnlyList<PlanIdentity> given, bool alone)
    {
        var missing = new List<PlanIdentity>();
        var stored = ReadAll(connection);
        foreach (var plan in stored.Where(plan => !given.Contains(plan)))
        {
            if (IsNeeded(connection, plan))
                missing.Add(plan);
            else if (alone)
                Sql.Run(connection, "DELETE FROM plan WHERE type = $1 AND version = $2 AND fingerprint = $3", Columns(plan));
        }

        foreach (var plan in given)
            Record(connection, plan);
        return missing;
    }

    internal static void Record(NpgsqlConnection connection, PlanIdentity plan) =>
        Sql.Run(connection, "INSERT INTO plan (type, version, fingerprint) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", Columns(plan));

    private static List<PlanIdentity> ReadAll(NpgsqlConnection connection)
    {
        using var select = Sql.Command(connection, "SELECT type, version, fingerprint FROM plan ORDER BY type, version, fingerprint");
        using var reader = select.ExecuteReader();
        var plans = new List<PlanIdentity>();
        while (reader.Read())
            plans.Add(new PostgreSqlRow(reader).Plan(0));
        return plans;
    }

    // Only for a version that is not given: among the unfinished sagas, which an index holds.
    private static bool IsNeeded(NpgsqlConnection connection, PlanIdentity plan) =>
        Sql.Scalar(
            connection,
            "SELECT 1 FROM saga WHERE status <> 5 AND status IN (0, 1, 2, 3, 4, 10) AND type = $1 AND version = $2 "
                + "AND fingerprint = $3 LIMIT 1",
            Columns(plan)
        )
            is not null;

    private static object[] Columns(PlanIdentity plan) => [StoreText.Write(plan.Type), plan.Version, StoreText.Write(plan.Fingerprint)];
}
