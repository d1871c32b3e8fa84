using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Reading;

/// <summary>One connection that reads, with its statements; used by one thread at a time.</summary>
internal sealed class SagaReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _end;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _number;
    private readonly SqliteStatement _entries;
    private readonly Dictionary<string, SqliteStatement> _searches = [];
    private readonly RequestLookup _requests;

    internal SagaReader(string path)
    {
        _connection = new SqliteConnection(path, busyTimeout: TimeSpan.FromSeconds(2));
        try
        {
            _connection.Execute(
                "PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY"
            );
            _begin = _connection.Prepare("BEGIN");
            _end = _connection.Prepare("COMMIT");
            _find = _connection.Prepare($"SELECT {SagaColumns.AllAndSnapshot} FROM saga s WHERE namespace = ? AND id = ?");
            _number = _connection.Prepare("SELECT no FROM saga WHERE namespace = ? AND id = ?");
            _entries = _connection.Prepare(
                $"SELECT {HistoryColumns.All} FROM history WHERE saga = ? AND revision > ? ORDER BY revision LIMIT ?"
            );
            _requests = new RequestLookup(_connection);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>Row and entries of one moment.</summary>
    internal StoredSaga? Load(SagaKey key) =>
        InOneMoment(() =>
        {
            Bind(_find, key);
            if (!_find.Step())
                return null;
            var saga = SagaColumns.ReadSaga(_find.Row, key);
            _find.Reset();
            return saga with { Entries = ReadEntries(saga.Number, saga.Row.SnapshotRevision, int.MaxValue) };
        });

    internal IReadOnlyList<StoredEntry>? ReadHistory(SagaKey key, long after, int limit) =>
        InOneMoment(() =>
        {
            Bind(_number, key);
            if (!_number.Step())
                return null;
            var number = _number.Int64(0);
            _number.Reset();
            return ReadEntries(number, after, limit);
        });

    internal StoredRequest? FindRequest(RequestKey key, DateTimeOffset now) => _requests.Find(key, now);

    /// <summary>A statement that is prepared once for this connection; the number of different ones is small.</summary>
    internal SqliteStatement Search(string sql)
    {
        if (!_searches.TryGetValue(sql, out var statement))
            _searches.Add(sql, statement = _connection.Prepare(sql));
        return statement;
    }

    internal T InOneMoment<T>(Func<T> read)
    {
        _begin.Execute();
        try
        {
            return read();
        }
        finally
        {
            _end.Execute();
        }
    }

    private static void Bind(SqliteStatement statement, SagaKey key)
    {
        statement.Bind(1, key.Namespace);
        statement.Bind(2, key.Id.Value);
    }

    private List<StoredEntry> ReadEntries(long number, long after, int limit)
    {
        var entries = new List<StoredEntry>();
        _entries.Bind(1, number);
        _entries.Bind(2, after);
        _entries.Bind(3, limit);
        while (_entries.Step())
            entries.Add(HistoryColumns.Read(_entries.Row));
        return entries;
    }
}
