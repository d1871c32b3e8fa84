using Npgsql;
using OrleansSagas.Storing;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>Finds a request that has not expired; used by the writer and by readers alike.</summary>
internal static class RequestLookup
{
    private const string IsAlive =
        """
        CASE WHEN r.expires_at IS NOT NULL THEN r.expires_at > $3
             ELSE EXISTS (SELECT 1 FROM saga s WHERE s.namespace = r.namespace AND s.id = r.saga AND (s.ended_at IS NULL OR s.ended_at + $4 > $3)) END
        """;

    private const string FindSql = $"SELECT r.hash, r.saga FROM request r WHERE r.namespace = $1 AND r.key = $2 AND {IsAlive}";

    private const string RemoveSql = $"DELETE FROM request r WHERE r.namespace = $1 AND r.key = $2 AND NOT {IsAlive}";

    internal static async Task<StoredRequest?> FindAsync(NpgsqlConnection connection, string @namespace, string key, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = Command(connection, FindSql, @namespace, key, now);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader, @namespace, key) : null;
    }

    internal static StoredRequest? Find(NpgsqlConnection connection, string @namespace, string key, DateTimeOffset now)
    {
        using var command = Command(connection, FindSql, @namespace, key, now);
        using var reader = command.ExecuteReader();
        return reader.Read() ? Read(reader, @namespace, key) : null;
    }

    internal static void RemoveExpired(NpgsqlConnection connection, string @namespace, string key, DateTimeOffset now)
    {
        using var command = Command(connection, RemoveSql, @namespace, key, now);
        command.ExecuteNonQuery();
    }

    private static StoredRequest Read(NpgsqlDataReader reader, string @namespace, string key) =>
        new(@namespace, key, reader.GetFieldValue<byte[]>(0), new SagaId(reader.GetString(1)));

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, string @namespace, string key, DateTimeOffset now) => new(sql, connection)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = @namespace },
            new NpgsqlParameter<string> { TypedValue = StoreText.Write(key) },
            new NpgsqlParameter<long> { TypedValue = now.ToUnixTimeMilliseconds() },
            new NpgsqlParameter<long> { TypedValue = (long)StoredRequest.Retention.TotalMilliseconds },
        },
    };
}
