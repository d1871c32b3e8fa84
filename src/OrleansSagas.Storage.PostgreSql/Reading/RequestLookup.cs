using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>Finds a request that has not expired; used by the writer and by readers alike.</summary>
internal static class RequestLookup
{
    private const string Remove = $"DELETE FROM request r WHERE {RequestColumns.IsNamed} AND NOT {RequestColumns.IsAlive}";

    internal static async Task<StoredRequest?> FindAsync(
        NpgsqlConnection connection,
        RequestKey key,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var command = Command(connection, RequestColumns.Find, key, now);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? RequestColumns.Read(new PostgreSqlRow(reader), key) : null;
    }

    internal static StoredRequest? Find(NpgsqlConnection connection, RequestKey key, DateTimeOffset now)
    {
        using var command = Command(connection, RequestColumns.Find, key, now);
        using var reader = command.ExecuteReader();
        return reader.Read() ? RequestColumns.Read(new PostgreSqlRow(reader), key) : null;
    }

    internal static void RemoveExpired(NpgsqlConnection connection, RequestKey key, DateTimeOffset now)
    {
        using var command = Command(connection, Remove, key, now);
        command.ExecuteNonQuery();
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, RequestKey key, DateTimeOffset now) =>
        new(sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = key.Namespace },
                new NpgsqlParameter<string> { TypedValue = StoreText.Write(key.Key) },
                new NpgsqlParameter<string> { TypedValue = StoreText.Write(key.Caller) },
                new NpgsqlParameter<long> { TypedValue = now.ToUnixTimeMilliseconds() },
                new NpgsqlParameter<long> { TypedValue = RequestColumns.Retention },
            },
        };
}
