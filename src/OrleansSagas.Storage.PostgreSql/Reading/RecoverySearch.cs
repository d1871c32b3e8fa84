using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>
/// Finds the sagas that must be loaded: those that are due, those whose owner died, and those that are held until their definition is back.
/// 10 is Held.
/// </summary>
internal static class RecoverySearch
{
    // The partition stands in coalesce: the planner takes one row of two hundred for an expression that it has no statistics of, and would
    // then not go by the index and stop at the limit.
    internal const string Due = $"""
        SELECT {DueColumns.AllAndWakeAt} FROM saga
        WHERE wake_at IS NOT NULL AND wake_at <= $1 AND (wake_at, no) > ($2, $3) AND owner IS NULL AND status < 5
          AND coalesce(no % $5 = $6, false)
        ORDER BY wake_at, no LIMIT $4
        """;

    // Goes from one owner to the next in the index, so that the many sagas of the living are not looked at. Were it ordered by no alone,
    // the planner could take the primary key, and go through all sagas for a few.
    internal const string Orphans = $"""
        WITH RECURSIVE holder (owner) AS (
          SELECT min(owner) FROM saga WHERE owner > 0
          UNION ALL
          SELECT (SELECT min(s.owner) FROM saga s WHERE s.owner > holder.owner) FROM holder WHERE holder.owner IS NOT NULL)
        SELECT s.* FROM holder
        CROSS JOIN LATERAL (
          SELECT {DueColumns.All} FROM saga
          WHERE (saga.owner, no) > (holder.owner, $2) AND saga.owner <= holder.owner AND status < 5 AND coalesce(no % $4 = $5, false)
          ORDER BY saga.owner, no LIMIT $3) s
        WHERE holder.owner IS NOT NULL AND holder.owner <> ALL ($1)
        ORDER BY s.no LIMIT $3
        """;

    private const string Held = $"""
        SELECT {DueColumns.All} FROM saga
        WHERE status = 10 AND status <> 5 AND (namespace, no) > ($1, $2) ORDER BY namespace, no LIMIT $3
        """;

    internal static Task<List<DueSaga>> FindDueAsync(
        NpgsqlConnection connection,
        SagaPartition partition,
        DateTimeOffset until,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    ) =>
        FindAsync(
            new NpgsqlCommand(Due, connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<long> { TypedValue = until.ToUnixTimeMilliseconds() },
                    new NpgsqlParameter<long> { TypedValue = after?.WakeAt?.ToUnixTimeMilliseconds() ?? long.MinValue },
                    new NpgsqlParameter<long> { TypedValue = after?.Number ?? 0 },
                    new NpgsqlParameter<int> { TypedValue = limit },
                    new NpgsqlParameter<long> { TypedValue = partition.Count },
                    new NpgsqlParameter<long> { TypedValue = partition.Number },
                },
            },
            DueColumns.ReadWithWakeAt,
            cancellation
        );

    internal static Task<List<DueSaga>> FindOrphansAsync(
        NpgsqlConnection connection,
        SagaPartition partition,
        IReadOnlyCollection<Incarnation> alive,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    ) =>
        FindAsync(
            new NpgsqlCommand(Orphans, connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<long[]> { TypedValue = [.. alive.Select(incarnation => incarnation.Value)] },
                    new NpgsqlParameter<long> { TypedValue = after?.Number ?? 0 },
                    new NpgsqlParameter<int> { TypedValue = limit },
                    new NpgsqlParameter<long> { TypedValue = partition.Count },
                    new NpgsqlParameter<long> { TypedValue = partition.Number },
                },
            },
            DueColumns.Read,
            cancellation
        );

    internal static Task<List<DueSaga>> FindHeldAsync(
        NpgsqlConnection connection,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    ) =>
        FindAsync(
            new NpgsqlCommand(Held, connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<string> { TypedValue = after?.Key.Namespace ?? "" },
                    new NpgsqlParameter<long> { TypedValue = after?.Number ?? 0 },
                    new NpgsqlParameter<int> { TypedValue = limit },
                },
            },
            DueColumns.Read,
            cancellation
        );

    private static async Task<List<DueSaga>> FindAsync(
        NpgsqlCommand command,
        Func<PostgreSqlRow, DueSaga> read,
        CancellationToken cancellation
    )
    {
        await using var _ = command;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<DueSaga>();
        while (await reader.ReadAsync(cancellation))
            found.Add(read(new PostgreSqlRow(reader)));
        return found;
    }
}
