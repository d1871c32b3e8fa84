namespace OrleansSagas.Storage;

/// <summary>How a request's row (r) is found, and read.</summary>
internal static class RequestColumns
{
    /// <summary>Those that may be meant by $1, the namespace, $2, the key, and $3, the caller.</summary>
    internal const string IsNamed = "r.namespace = $1 AND r.key = $2 AND r.caller IN ($3, '')";

    /// <summary>Those that have not expired at $4, where $5 is <see cref="Retention"/>.</summary>
    internal const string IsAlive = """
        CASE WHEN r.expires_at IS NOT NULL THEN r.expires_at > $4
             ELSE EXISTS (SELECT 1 FROM saga s WHERE s.namespace = r.namespace AND s.id = r.saga
               AND (s.ended_at IS NULL OR s.ended_at + $5 > $4)) END
        """;

    internal const string Find =
        $"SELECT r.caller, r.hash, r.hash_version, r.saga FROM request r WHERE {IsNamed} AND {IsAlive} ORDER BY r.caller DESC LIMIT 1";

    /// <summary>How many milliseconds a request is kept after its saga ended.</summary>
    internal static readonly long Retention = (long)StoredRequest.Retention.TotalMilliseconds;

    internal static StoredRequest Read<TRow>(TRow row, RequestKey key)
        where TRow : struct, IResultRow =>
        new(
            key with
            {
                Caller = row.Text(0),
            },
            row.Bytes(1),
            new SagaId(row.Text(3)),
            row.IsNull(2) ? StoredRequest.RawBytes : row.Int32(2)
        );

    /// <summary>The hash version as it is stored.</summary>
    internal static short? HashVersion(StoredRequest request) =>
        request.HashVersion == StoredRequest.RawBytes ? null : (short)request.HashVersion;
}
