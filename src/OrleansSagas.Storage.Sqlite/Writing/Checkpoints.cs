using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>Keeps the write-ahead log from growing without bound.</summary>
internal sealed class Checkpoints
{
    private const int LongFactor = 4;

    private static readonly TimeSpan CheckpointTimeout = TimeSpan.FromMilliseconds(100);

    private readonly SqliteConnection _connection;
    private readonly int _pages;
    private int _next;

    internal Checkpoints(SqliteConnection connection, int pages)
    {
        _connection = connection;
        _pages = pages;
        _next = pages;
    }

    /// <summary>Moves the log's pages into the database when there are enough of them. True if it did.</summary>
    internal bool RunIfDue(int walPages)
    {
        if (walPages < _next)
        {
            // The log began anew.
            if (walPages < _pages)
                _next = _pages;
            return false;
        }

        // Passive first: it waits for nobody. But readers that follow each other closely can keep the log from ever beginning anew; once it
        // has grown too long, the writer waits for those that read just now, which is short, and for a slow one no longer than
        // a checkpoint's timeout.
        var isLong = walPages >= _pages * LongFactor;
        var usual = _connection.BusyTimeout;
        _connection.BusyTimeout = CheckpointTimeout;
        try
        {
            _ = _connection.Checkpoint(isLong ? Sqlite3.CheckpointRestart : Sqlite3.CheckpointPassive);
        }
        finally
        {
            _connection.BusyTimeout = usual;
            _next = walPages + _pages;
        }

        return true;
    }
}
