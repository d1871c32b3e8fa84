using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>Counts what operators watch, by indexes that hold all that is asked for. 4 is Stuck, 10 is Held.</summary>
internal static class SagaCounting
{
    // In the order of the indexes, so that no plan goes through the table. The partition stands in coalesce for the reason that
    // RecoverySearch gives.
    internal const string Counts = """
        SELECT
          (SELECT count(*) FROM (
            SELECT 1 FROM saga WHERE wake_at IS NOT NULL AND coalesce(no % $1 = $2, false)
            ORDER BY wake_at, no LIMIT $3) waiting),
          (SELECT count(*) FROM (
            SELECT 1 FROM saga WHERE status = 4 AND status <> 5 AND coalesce(no % $1 = $2, false)
            ORDER BY namespace, no LIMIT $3) stuck),
          (SELECT count(*) FROM (
            SELECT 1 FROM saga WHERE status = 10 AND status <> 5 AND coalesce(no % $1 = $2, false)
            ORDER BY namespace, no LIMIT $3) held)
        """;

    internal static async Task<SagaCounts> CountAsync(
        NpgsqlConnection connection,
        SagaPartition partition,
        int limit,
        CancellationToken cancellation
    )
    {
        await using var command = new NpgsqlCommand(Counts, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = partition.Count },
                new NpgsqlParameter<long> { TypedValue = partition.Number },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        _ = await reader.ReadAsync(cancellation);
        return new SagaCounts(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}
