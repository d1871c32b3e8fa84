using SQLitePCL;

namespace OrleansSagas.Bench.Measuring;

/// <summary>Counts what a SQLite file holds.</summary>
internal static class SqliteContents
{
    static SqliteContents() => Batteries_V2.Init();

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
            var tables = Query(
                connection,
                "SELECT name FROM sqlite_master WHERE type = 'table'",
                s => raw.sqlite3_column_text(s, 0).utf8_to_string()
            );
            var rows = tables.Sum(table => Number(connection, $"SELECT count(*) FROM \"{table}\""));
            return new StoreContents(rows, Number(connection, "PRAGMA page_count") * Number(connection, "PRAGMA page_size"));
        }
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
