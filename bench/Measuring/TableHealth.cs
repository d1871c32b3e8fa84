using Npgsql;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Measuring;

/// <summary>How the tables of a PostgreSQL store do, as the server itself counts.</summary>
/// <param name="DeadSagas">Versions of rows in <c>saga</c> that nobody sees any more, not yet vacuumed.</param>
/// <param name="DeadOthers">The same in all other tables.</param>
/// <param name="SagaVacuums">How often autovacuum has been through <c>saga</c>.</param>
/// <param name="OtherVacuums">How often through any other table.</param>
/// <param name="TableBytes">All tables, without their indexes.</param>
/// <param name="IndexBytes">All indexes.</param>
internal sealed record TableHealth(long DeadSagas, long DeadOthers, long SagaVacuums, long OtherVacuums, long TableBytes, long IndexBytes)
{
    private const string Query = """
        SELECT coalesce(sum(n_dead_tup) FILTER (WHERE relname = 'saga'), 0)::bigint,
          coalesce(sum(n_dead_tup) FILTER (WHERE relname <> 'saga'), 0)::bigint,
          coalesce(sum(autovacuum_count) FILTER (WHERE relname = 'saga'), 0)::bigint,
          coalesce(sum(autovacuum_count) FILTER (WHERE relname <> 'saga'), 0)::bigint,
          coalesce(sum(pg_table_size(relid)), 0)::bigint, coalesce(sum(pg_indexes_size(relid)), 0)::bigint
        FROM pg_stat_user_tables WHERE schemaname = $1
        """;

    /// <summary>Asks the server.</summary>
    public static async Task<TableHealth> ReadAsync(string server)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Query, connection)
        {
            Parameters = { new NpgsqlParameter { Value = WorkloadSetup.PostgresSchema } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new TableHealth(
            reader.GetInt64(0),
            reader.GetInt64(1),
            reader.GetInt64(2),
            reader.GetInt64(3),
            reader.GetInt64(4),
            reader.GetInt64(5)
        );
    }
}
