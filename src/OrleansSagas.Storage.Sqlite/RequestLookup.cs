using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite;

/// <summary>Finds a request that has not expired; used by the writer and by readers alike.</summary>
internal sealed class RequestLookup
{
    private readonly SqliteStatement _find;

    internal RequestLookup(SqliteConnection connection) => _find = connection.Prepare(RequestColumns.Find.Replace('$', '?'));

    internal StoredRequest? Find(RequestKey key, DateTimeOffset now)
    {
        _find.Bind(1, key.Namespace);
        _find.Bind(2, key.Key);
        _find.Bind(3, key.Caller);
        _find.Bind(4, now);
        _find.Bind(5, RequestColumns.Retention);
        var found = _find.Step() ? RequestColumns.Read(_find.Row, key) : null;
        _find.Reset();
        return found;
    }
}
