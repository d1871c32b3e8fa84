using Npgsql;

namespace OrleansSagas.Bench.Measuring;

/// <summary>Counts what a schema of a PostgreSQL database holds.</summary>
internal static class PostgresContents
{
    /// <summary>
    /// Counts what <paramref name="schema"/> of a PostgreSQL database holds; nothing where there is no such schema. The bytes are of tables
    /// and indexes.
    /// </summary>
    public static StoreContents Of(string server, string schema)
    {
        using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        connection.Open();
        using var find = new NpgsqlCommand(
            "SELECT format('%I.%I', schemaname, tablename), pg_total_relation_size(format('%I.%I', schemaname, tablename)) FROM pg_tables "
                + "WHERE schemaname = $1",
            connection
        )
        {
            Parameters = { new NpgsqlParameter { Value = schema } },
        };
        var (names, bytes) = (new List<string>(), 0L);
        using (var reader = find.ExecuteReader())
        {
            while (reader.Read())
            {
                names.Add(reader.GetString(0));
                bytes += reader.GetInt64(1);
            }
        }

        var rows = 0L;
        foreach (var name in names)
        {
            using var count = new NpgsqlCommand($"SELECT count(*) FROM {name}", connection);
            rows += (long)count.ExecuteScalar()!;
        }

        return new StoreContents(rows, bytes);
    }
}
