using Npgsql;
using OrleansSagas.Payloads;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>Reads one saga.</summary>
internal static class SagaReader
{
    private const string Find = $"SELECT {SagaColumns.All}, s.snapshot FROM saga s WHERE s.namespace = $1 AND s.id = $2";

    private const string Entries = """
        SELECT h.revision, h.name, h.format, h.at, h.commit_id, h.actor, h.causation_id, h.trace_parent, h.content_type, h.codec, h.key_id,
          h.body, h.data
        FROM saga s JOIN history h ON h.saga = s.no WHERE s.namespace = $1 AND s.id = $2
        """;

    /// <summary>Row and entries of one moment, in one round trip.</summary>
    internal static async Task<StoredSaga?> LoadAsync(NpgsqlConnection connection, SagaKey key, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
                Command(Find, key),
                Command(Entries + " AND h.revision > s.snapshot_revision ORDER BY h.revision", key),
                new NpgsqlBatchCommand("COMMIT"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        var number = reader.GetInt64(SagaColumns.Number);
        var identity = SagaColumns.ReadIdentity(reader);
        var row = SagaColumns.ReadRow(reader) with
        {
            Snapshot = reader.IsDBNull(SagaColumns.Snapshot)
                ? default(ReadOnlyMemory<byte>?)
                : reader.GetFieldValue<byte[]>(SagaColumns.Snapshot),
        };
        await reader.NextResultAsync(cancellation);
        return new StoredSaga(key, number, identity, row, await ReadEntriesAsync(reader, cancellation));
    }

    internal static async Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(
        NpgsqlConnection connection,
        SagaKey key,
        long after,
        int limit,
        CancellationToken cancellation
    )
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                Command("SELECT 1 FROM saga s WHERE s.namespace = $1 AND s.id = $2", key),
                Command(Entries + " AND h.revision > $3 ORDER BY h.revision LIMIT $4", key, after, limit),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        await reader.NextResultAsync(cancellation);
        return await ReadEntriesAsync(reader, cancellation);
    }

    private static NpgsqlBatchCommand Command(string sql, SagaKey key, params long[] numbers)
    {
        var command = new NpgsqlBatchCommand(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = key.Namespace },
                new NpgsqlParameter<string> { TypedValue = key.Id.Value },
            },
        };
        foreach (var number in numbers)
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
        return command;
    }

    private static async Task<List<StoredEntry>> ReadEntriesAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var entries = new List<StoredEntry>();
        while (await reader.ReadAsync(cancellation))
            entries.Add(ReadEntry(reader));
        return entries;
    }

    private static StoredEntry ReadEntry(NpgsqlDataReader reader) =>
        new()
        {
            Revision = reader.GetInt64(0),
            Name = StoreText.Read(reader.GetString(1)),
            Format = reader.GetInt32(2),
            At = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)),
            Commit = new CommitId(reader.GetInt64(4)),
            Actor = SagaColumns.TextOrNull(reader, 5),
            CausationId = SagaColumns.TextOrNull(reader, 6),
            TraceParent = SagaColumns.TextOrNull(reader, 7),
            Body = reader.GetFieldValue<byte[]>(11),
            Data = reader.IsDBNull(12)
                ? null
                : new Payload(
                    reader.GetFieldValue<byte[]>(12),
                    SagaColumns.TextOrNull(reader, 8) ?? Payload.Json,
                    SagaColumns.TextOrNull(reader, 9) ?? Payload.Identity,
                    SagaColumns.TextOrNull(reader, 10)
                ),
        };
}
