namespace OrleansSagas.Shop.Books;

/// <summary>The tables of the books' file.</summary>
internal static class BooksSchema
{
    /// <summary>The ledger is what happened; the balances are kept beside it, so that an audit can hold one against the other.</summary>
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS ledger (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            order_id TEXT NULL,
            step TEXT NOT NULL,
            undo INTEGER NOT NULL,
            key TEXT NULL,
            unit TEXT NOT NULL,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            amount INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS ledger_order ON ledger (order_id, step, seq);
        CREATE TABLE IF NOT EXISTS balances (
            unit TEXT NOT NULL,
            account TEXT NOT NULL,
            amount INTEGER NOT NULL,
            PRIMARY KEY (unit, account)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS operations (
            key TEXT NOT NULL PRIMARY KEY,
            order_id TEXT NOT NULL,
            step TEXT NOT NULL,
            undo INTEGER NOT NULL,
            state TEXT NOT NULL,
            seq INTEGER NULL,
            reason TEXT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS operations_order ON operations (order_id);
        CREATE TABLE IF NOT EXISTS attempts (
            key TEXT NOT NULL PRIMARY KEY,
            order_id TEXT NOT NULL,
            count INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS repairs (order_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
        """;

    internal static SqlSession Open(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder)
            _ = Directory.CreateDirectory(folder);
        var sql = new SqlSession(path, readOnly: false);
        try
        {
            // A write-ahead log that is not synced at each commit loses nothing when the process is killed, only when the machine is.
            _ = sql.Value("PRAGMA journal_mode = WAL");
            _ = sql.Execute("PRAGMA synchronous = NORMAL");
            _ = sql.Execute(Tables);
            return sql;
        }
        catch
        {
            sql.Dispose();
            throw;
        }
    }
}
