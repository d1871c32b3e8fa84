using SQLitePCL;

namespace OrleansSagas.Bench.Raw;

/// <summary>The one table of the bare writer, in SQLite.</summary>
internal sealed class RawSqlite : IRawDatabase
{
    // The writer's thread is the only one that uses this connection, so SQLite need not lock it.
    private const int OpenFlags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;

    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _insert;
    private readonly sqlite3_stmt _commit;

    static RawSqlite() => Batteries_V2.Init();

    /// <summary>Creates the file and its table.</summary>
    public RawSqlite(string file)
    {
        // Clustered by its key: with a rowid and an index beside it, it is as fast at 64 and at 256 callers, but a lone caller's
        // commit touches more pages and takes an eighth longer, and the file is 40 % larger.
        // A checkpoint every 4,000 pages (16 MiB) instead of every 1,000 makes the pauses rarer.
        var opened = raw.sqlite3_open_v2(file, out _connection, OpenFlags, null);
        Check(opened);
        Check(
            raw.sqlite3_exec(
                _connection,
                """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA wal_autocheckpoint = 4000;
                PRAGMA cache_size = -65536;
                CREATE TABLE entry (
                    saga TEXT NOT NULL,
                    revision INTEGER NOT NULL,
                    payload BLOB NOT NULL,
                    PRIMARY KEY (saga, revision)
                ) WITHOUT ROWID;
                """
            )
        );
        _begin = Prepare("BEGIN IMMEDIATE");
        _insert = Prepare("INSERT INTO entry (saga, revision, payload) VALUES (?1, ?2, ?3)");
        _commit = Prepare("COMMIT");
    }

    /// <inheritdoc />
    public void Insert(ReadOnlySpan<RawSaga> rows)
    {
        try
        {
            Run(_begin);
            foreach (var row in rows)
            {
                Check(raw.sqlite3_bind_text(_insert, 1, row.Id));
                Check(raw.sqlite3_bind_int(_insert, 2, row.Revision));
                Check(raw.sqlite3_bind_blob(_insert, 3, row.Payload.Span));
                Run(_insert);
            }

            Run(_commit);
        }
        catch (RawDatabaseException)
        {
            if (raw.sqlite3_get_autocommit(_connection) == 0)
                _ = raw.sqlite3_exec(_connection, "ROLLBACK");
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _begin.Dispose();
        _insert.Dispose();
        _commit.Dispose();
        _connection.Dispose();
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_connection, sql, out var statement));
        return statement;
    }

    private void Run(sqlite3_stmt statement)
    {
        var stepped = raw.sqlite3_step(statement);
        _ = raw.sqlite3_reset(statement);
        if (stepped != raw.SQLITE_DONE)
            Check(stepped);
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw new RawDatabaseException($"SQLite answered {code}: {raw.sqlite3_errmsg(_connection).utf8_to_string()}");
    }
}
