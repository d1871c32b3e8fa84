using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>Reads one saga.</summary>
internal static class SagaReader
{
    private const string Find = $"SELECT {SagaColumns.AllAndSnapshot} FROM saga s WHERE s.namespace = $1 AND s.id = $2";

    private const string Entries =
        $"SELECT {HistoryColumns.All} FROM saga s JOIN history h ON h.saga = s.no WHERE s.namespace = $1 AND s.id = $2";

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
        var saga = SagaColumns.ReadSaga(new PostgreSqlRow(reader), key);
        await reader.NextResultAsync(cancellation);
        return saga with { Entries = await ReadEntriesAsync(reader, cancellation) };
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
            entries.Add(HistoryColumns.Read(new PostgreSqlRow(reader)));
        return entries;
    }
}
