using Npgsql;
using SQLitePCL;

namespace OrleansSagas.Bench.Measuring;

/// <summary>What a store holds, counted from outside, so that it is the same count whoever wrote it.</summary>
/// <param name="Rows">Rows in all tables.</param>
/// <param name="Bytes">Pages in use times their size, those still in the write-ahead log included.</param>
internal sealed record StoreContents(long Rows, long Bytes)
{
    static StoreContents() => Batteries_V2.Init();

    /// <summary>What was added between <paramref name="before"/> and this.</summary>
    public StoreContents Since(StoreContents before) => new(Rows - before.Rows, Bytes - before.Bytes);

    /// <summary>Counts; nothing where there is no such file.</summary>
    public static StoreContents Of(string file)
    {
        if (!File.Exists(file))
            return new StoreContents(0, 0);
        var opened = raw.sqlite3_open_v2(file, out var connection, raw.SQLITE_OPEN_READONLY, null);
        using (connection)
        {
            if (opened != raw.SQLITE_OK)
                throw new InvalidOperationException($"SQLite did not open {file}: {opened}.");
            var tables = Query(connection, "SELECT name FROM sqlite_master WHERE type = 'table'", s => raw.sqlite3_column_text(s, 0).utf8_to_string());
            var rows = tables.Sum(table => Number(connection, $"SELECT count(*) FROM \"{table}\""));
            return new StoreContents(rows, Number(connection, "PRAGMA page_count") * Number(connection, "PRAGMA page_size"));
        }
    }

    /// <summary>Counts what <paramref name="schema"/> of a PostgreSQL database holds; nothing where there is no such schema. The bytes are of tables and indexes.</summary>
    public static StoreContents OfPostgres(string server, string schema)
    {
        using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        connection.Open();
        using var find = new NpgsqlCommand("SELECT format('%I.%I', schemaname, tablename), pg_total_relation_size(format('%I.%I', schemaname, tablename)) FROM pg_tables WHERE schemaname = $1", connection)
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

    private static long Number(sqlite3 connection, string sql) => Query(connection, sql, s => raw.sqlite3_column_int64(s, 0)).Single();

    private static List<T> Query<T>(sqlite3 connection, string sql, Func<sqlite3_stmt, T> read)
    {
        var found = new List<T>();
        var prepared = raw.sqlite3_prepare_v2(connection, sql, out var statement);
        using (statement)
        {
            if (prepared != raw.SQLITE_OK)
                throw new InvalidOperationException($"SQLite refused \"{sql}\": {raw.sqlite3_errmsg(connection).utf8_to_string()}");
            while (raw.sqlite3_step(statement) == raw.SQLITE_ROW)
                found.Add(read(statement));
        }

        return found;
    }
}
