using OrleansSagas.Storage.Sqlite.Native;
using OrleansSagas.Storing;

namespace OrleansSagas.Storage.Sqlite;

/// <summary>Finds a request that has not expired; used by the writer and by readers alike.</summary>
internal sealed class RequestLookup
{
    private readonly SqliteStatement _find;

    internal RequestLookup(SqliteConnection connection) =>
        _find = connection.Prepare(
            """
            SELECT r.hash, r.saga, r.expires_at, s.no, s.ended_at
            FROM request r LEFT JOIN saga s ON s.namespace = r.namespace AND s.id = r.saga
            WHERE r.namespace = ? AND r.key = ?
            """);

    internal StoredRequest? Find(string @namespace, string key, DateTimeOffset now)
    {
        _find.Bind(1, @namespace);
        _find.Bind(2, key);
        if (!_find.Step())
            return null;
        var request = IsAlive(now.ToUnixTimeMilliseconds())
            ? new StoredRequest(@namespace, key, _find.Bytes(0).ToArray(), new SagaId(_find.Text(1)))
            : null;
        _find.Reset();
        return request;
    }

    private bool IsAlive(long now)
    {
        if (_find.Int64OrNull(2) is { } expires)
            return expires > now;
        var isSagaStored = !_find.IsNull(3);
        return isSagaStored && (_find.Int64OrNull(4) is not { } ended || ended + (long)StoredRequest.Retention.TotalMilliseconds > now);
    }
}
