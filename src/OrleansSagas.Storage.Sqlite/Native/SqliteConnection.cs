using System.Runtime.InteropServices;
using System.Text;

namespace OrleansSagas.Storage.Sqlite.Native;

/// <summary>One connection, used by one thread at a time.</summary>
internal sealed unsafe class SqliteConnection : IDisposable
{
    private const int ArenaBytes = 256 * 1024;

    private readonly List<SqliteStatement> _statements = [];
    private readonly byte* _arena = (byte*)NativeMemory.Alloc(ArenaBytes);
    private readonly int* _walPages = (int*)NativeMemory.AllocZeroed(sizeof(int));
    private readonly int* _busyTimeout = (int*)NativeMemory.AllocZeroed(sizeof(int));
    private int _arenaUsed;
    private nint _db;

    internal SqliteConnection(string path, TimeSpan busyTimeout)
    {
        nint db;
        int code;
        fixed (byte* utf8 = Encoding.UTF8.GetBytes(path + '\0'))
            code = Sqlite3.Open(
                utf8,
                &db,
                Sqlite3.OpenReadWrite | Sqlite3.OpenCreate | Sqlite3.OpenNoMutex | Sqlite3.OpenExtendedCodes,
                null
            );
        _db = db;
        if (code != Sqlite3.Ok)
        {
            Dispose();
            throw new SqliteError(code);
        }

        HasStablePlans = Sqlite3.TryKeepPlans(db);

        // Not SQLite's own timeout: its waits grow to a tenth of a second, where the lock is held for a few milliseconds.
        BusyTimeout = busyTimeout;
        _ = Sqlite3.BusyHandler(db, &OnBusy, _busyTimeout);
    }

    /// <summary>How long a lock that another connection holds is waited for.</summary>
    internal TimeSpan BusyTimeout
    {
        get => TimeSpan.FromMilliseconds(*_busyTimeout);
        set => *_busyTimeout = (int)value.TotalMilliseconds;
    }

    /// <summary>Whether a statement is compiled once, and not anew for other values.</summary>
    internal bool HasStablePlans { get; }

    /// <summary>How many pages the write-ahead log held after this connection's last commit.</summary>
    internal int WalPages => *_walPages;

    internal bool IsInTransaction => Sqlite3.GetAutocommit(_db) == 0;

    internal int Changes => Sqlite3.Changes(_db);

    /// <summary>Counts the pages of the write-ahead log, and takes its checkpoints out of SQLite's hands.</summary>
    internal void WatchWal() => _ = Sqlite3.WalHook(_db, &OnWal, _walPages);

    /// <summary>Prepares a statement that is used again and again; it is finished with the connection.</summary>
    internal SqliteStatement Prepare(string sql)
    {
        var statement =
            PrepareOne(Encoding.UTF8.GetBytes(sql), 0, Sqlite3.PreparePersistent, out _)
            ?? throw new ArgumentException("There is no statement in it.", nameof(sql));
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Prepares a statement that its caller finishes.</summary>
    internal SqliteStatement PrepareOnce(string sql, params ReadOnlySpan<object> values)
    {
        var statement =
            PrepareOne(Encoding.UTF8.GetBytes(sql), 0, 0, out _)
            ?? throw new ArgumentException("There is no statement in it.", nameof(sql));
        statement.BindAll(values);
        return statement;
    }

    /// <summary>Runs one statement that is not worth being kept.</summary>
    internal void Run(string sql, params ReadOnlySpan<object> values)
    {
        using var statement = PrepareOnce(sql, values);
        statement.Execute();
    }

    /// <summary>Runs all statements of a script, ignoring their rows.</summary>
    internal void Execute(string sql)
    {
        var utf8 = Encoding.UTF8.GetBytes(sql);
        for (var start = 0; start < utf8.Length; )
        {
            using var statement = PrepareOne(utf8, start, 0, out start);
            statement?.Execute();
        }
    }

    /// <summary>Runs a statement that returns one number.</summary>
    internal long Scalar(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>Moves what the write-ahead log holds into the database. False if readers kept it from finishing.</summary>
    internal bool Checkpoint(int mode)
    {
        int log,
            done;
        var code = Sqlite3.Checkpoint(_db, null, mode, &log, &done);
        if ((code & 0xff) == Sqlite3.Busy)
            return false;
        SqliteError.ThrowIf(code);
        return log == done;
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _statements.Clear();
        if (_db != 0)
            _ = Sqlite3.Close(_db);
        _db = 0;
        NativeMemory.Free(_arena);
        NativeMemory.Free(_walPages);
        NativeMemory.Free(_busyTimeout);
    }

    /// <summary>Memory that stays where it is until the next statement is bound; null if there is not so much.</summary>
    internal byte* Rent(int bytes, out int space)
    {
        space = bytes;
        if (bytes > ArenaBytes - _arenaUsed)
            return null;
        var at = _arena + _arenaUsed;
        _arenaUsed += bytes;
        return at;
    }

    internal void ReturnAll() => _arenaUsed = 0;

    private SqliteStatement? PrepareOne(byte[] sql, int start, uint flags, out int end)
    {
        nint handle;
        byte* tail;
        fixed (byte* utf8 = sql)
        {
            SqliteError.ThrowIf(Sqlite3.Prepare(_db, utf8 + start, sql.Length - start, flags, &handle, &tail));
            end = (int)(tail - utf8);
        }

        return handle == 0 ? null : new SqliteStatement(this, handle);
    }

    [UnmanagedCallersOnly]
    private static int OnBusy(void* busyTimeout, int count)
    {
        const int yields = 20;
        if (count - yields >= *(int*)busyTimeout)
            return 0;
        Thread.Sleep(count < yields ? 0 : 1);
        return 1;
    }

    [UnmanagedCallersOnly]
    private static int OnWal(void* pages, nint db, byte* name, int count)
    {
        *(int*)pages = count;
        return Sqlite3.Ok;
    }
}
