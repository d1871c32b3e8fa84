using OrleansSagas.Storage.Sqlite.Native;
using OrleansSagas.Storing;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>The requests that were taken.</summary>
internal sealed class RequestTable
{
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _delete;
    private readonly RequestLookup _lookup;

    internal RequestTable(SqliteConnection connection)
    {
        _lookup = new RequestLookup(connection);
        _insert = connection.Prepare("INSERT INTO request (namespace, key, hash, saga, verb) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        _delete = connection.Prepare("DELETE FROM request WHERE namespace = ? AND key = ?");
    }

    /// <summary>Writes <paramref name="request"/> unless its key was used before and has not expired at <paramref name="at"/>.</summary>
    internal bool TryTake(StoredRequest request, DateTimeOffset at, bool starts, out StoredRequest? earlier)
    {
        earlier = null;
        if (Insert(request, starts))
            return true;
        earlier = _lookup.Find(request.Namespace, request.Key, at);
        if (earlier is not null)
            return false;
        Remove(request);
        return Insert(request, starts);
    }

    internal void Remove(StoredRequest request)
    {
        _delete.Bind(1, request.Namespace);
        _delete.Bind(2, request.Key);
        _delete.Execute();
    }

    private bool Insert(StoredRequest request, bool starts)
    {
        _insert.Bind(1, request.Namespace);
        _insert.Bind(2, request.Key);
        _insert.Bind(3, request.Hash.Span);
        _insert.Bind(4, request.Saga.Value);
        _insert.Bind(5, starts ? null : 1L);
        return _insert.ExecuteChanges() == 1;
    }
}
