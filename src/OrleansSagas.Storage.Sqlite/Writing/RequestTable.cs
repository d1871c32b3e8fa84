using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

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

        // A new file has no row of an unknown caller: the index that is asked is empty.
        _insert = connection.Prepare(
            """
            INSERT INTO request (namespace, key, caller, hash, saga, verb, hash_version)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
            WHERE NOT EXISTS (SELECT 1 FROM request INDEXED BY request_unknown_caller WHERE caller = '' AND namespace = ?1 AND key = ?2)
            ON CONFLICT DO NOTHING
            """
        );
        _delete = connection.Prepare("DELETE FROM request WHERE namespace = ? AND key = ? AND caller IN (?, '')");
    }

    /// <summary>Writes <paramref name="request"/> unless its key was used before and has not expired at <paramref name="at"/>.</summary>
    internal bool TryTake(StoredRequest request, DateTimeOffset at, bool starts, out StoredRequest? earlier)
    {
        earlier = null;
        if (Insert(request, starts))
            return true;
        earlier = _lookup.Find(request.Key, at);
        if (earlier is not null)
            return false;
        Remove(request.Key);
        return Insert(request, starts);
    }

    /// <summary>Removes what stands in the way of <paramref name="key"/>, or was written for it just now.</summary>
    internal void Remove(RequestKey key)
    {
        _delete.Bind(1, key.Namespace);
        _delete.Bind(2, key.Key);
        _delete.Bind(3, key.Caller);
        _delete.Execute();
    }

    private bool Insert(StoredRequest request, bool starts)
    {
        _insert.Bind(1, request.Key.Namespace);
        _insert.Bind(2, request.Key.Key);
        _insert.Bind(3, request.Key.Caller);
        _insert.Bind(4, request.Hash.Span);
        _insert.Bind(5, request.Saga.Value);
        _insert.Bind(6, starts ? null : 1L);
        _insert.Bind(7, RequestColumns.HashVersion(request));
        return _insert.ExecuteChanges() == 1;
    }
}
