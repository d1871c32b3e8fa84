using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>Finds a request that has not expired; used by the writer and by readers alike.</summary>
internal static class RequestLookup
{
    private const string IsNamed = "r.namespace = $1 AND r.key = $2 AND r.caller IN ($3, '')";

    private const string IsAlive = """
        CASE WHEN r.expires_at IS NOT NULL THEN r.expires_at > $4
             ELSE EXISTS (SELECT 1 FROM saga s WHERE s.namespace = r.namespace AND s.id = r.saga
               AND (s.ended_at IS NULL OR s.ended_at + $5 > $4)) END
        """;

    private const string FindSql =
        $"SELECT r.caller, r.hash, r.hash_version, r.saga FROM request r WHERE {IsNamed} AND {IsAlive} ORDER BY r.caller DESC LIMIT 1";

    private const string RemoveSql = $"DELETE FROM request r WHERE {IsNamed} AND NOT {IsAlive}";

    /// <summary>The hash version as it is stored.</summary>
    internal static short? StoredVersion(StoredRequest request) =>
        request.HashVersion == StoredRequest.RawBytes ? null : (short)request.HashVersion;

    internal static async Task<StoredRequest?> FindAsync(
        NpgsqlConnection connection,
        RequestKey key,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var command = Command(connection, FindSql, key, now);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader, key) : null;
    }

    internal static StoredRequest? Find(NpgsqlConnection connection, RequestKey key, DateTimeOffset now)
    {
        using var command = Command(connection, FindSql, key, now);
        using var reader = command.ExecuteReader();
        return reader.Read() ? Read(reader, key) : null;
    }

    internal static void RemoveExpired(NpgsqlConnection connection, RequestKey key, DateTimeOffset now)
    {
        using var command = Command(connection, RemoveSql, key, now);
        command.ExecuteNonQuery();
    }

    private static StoredRequest Read(NpgsqlDataReader reader, RequestKey key) =>
        new(
            key with
            {
                Caller = StoreText.Read(reader.GetString(0)),
            },
            reader.GetFieldValue<byte[]>(1),
            new SagaId(reader.GetString(3)),
            reader.IsDBNull(2) ? StoredRequest.RawBytes : reader.GetInt16(2)
        );

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, RequestKey key, DateTimeOffset now) =>
        new(sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = key.Namespace },
                new NpgsqlParameter<string> { TypedValue = StoreText.Write(key.Key) },
                new NpgsqlParameter<string> { TypedValue = StoreText.Write(key.Caller) },
                new NpgsqlParameter<long> { TypedValue = now.ToUnixTimeMilliseconds() },
                new NpgsqlParameter<long> { TypedValue = (long)StoredRequest.Retention.TotalMilliseconds },
            },
        };
}
