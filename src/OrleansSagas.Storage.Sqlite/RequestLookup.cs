using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite;

/// <summary>Finds a request that has not expired; used by the writer and by readers alike.</summary>
internal sealed class RequestLookup
{
    private readonly SqliteStatement _find;

    internal RequestLookup(SqliteConnection connection) =>
        _find = connection.Prepare(
            """
            SELECT r.caller, r.hash, r.hash_version, r.saga, r.expires_at, s.no, s.ended_at
            FROM request r LEFT JOIN saga s ON s.namespace = r.namespace AND s.id = r.saga
            WHERE r.namespace = ? AND r.key = ? AND r.caller IN (?, '') ORDER BY r.caller DESC
            """
        );

    internal StoredRequest? Find(RequestKey key, DateTimeOffset now)
    {
        _find.Bind(1, key.Namespace);
        _find.Bind(2, key.Key);
        _find.Bind(3, key.Caller);
        while (_find.Step())
        {
            if (!IsAlive(now.ToUnixTimeMilliseconds()))
                continue;
            var found = new StoredRequest(
                key with
                {
                    Caller = _find.Text(0),
                },
                _find.Bytes(1).ToArray(),
                new SagaId(_find.Text(3)),
                (int)(_find.Int64OrNull(2) ?? StoredRequest.RawBytes)
            );
            _find.Reset();
            return found;
        }

        return null;
    }

    private bool IsAlive(long now)
    {
        if (_find.Int64OrNull(4) is { } expires)
            return expires > now;
        var isSagaStored = !_find.IsNull(5);
        return isSagaStored && (_find.Int64OrNull(6) is not { } ended || ended + (long)StoredRequest.Retention.TotalMilliseconds > now);
    }
}
