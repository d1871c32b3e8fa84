using Npgsql;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>The schema <c>sagas</c> of a PostgreSQL server that is thrown away.</summary>
internal sealed class PostgreSqlReleaseStore : ReleaseStore
{
    private readonly ThrowawayPostgres _server;

    private PostgreSqlReleaseStore(ThrowawayPostgres server) => _server = server;

    /// <summary>Starts the server.</summary>
    public static async Task<PostgreSqlReleaseStore> StartAsync() => new(await ThrowawayPostgres.StartAsync());

    public override ISagaStore Make(SagaRuntime runtime) =>
        new PostgreSqlSagaStore(new PostgreSqlSagaStoreOptions { ConnectionString = _server.ConnectionString }, runtime);

    public override Task SaveAsync(string file) => _server.DumpAsync("sagas", file);

    /// <summary>Columns, indexes, constraints, sequences and functions; where a table's columns stand is no matter.</summary>
    public override Task<IReadOnlyList<string>> ReadSchemaAsync() =>
        QueryAsync(
            """
            SELECT 'version ' || max(version) FROM sagas.schema_version
            UNION ALL
              SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
                || ' ' || coalesce(column_default, '') || ' ' || is_identity
              FROM information_schema.columns WHERE table_schema = 'sagas'
            UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'sagas'
            UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
              WHERE connamespace = 'sagas'::regnamespace
            UNION ALL SELECT 'sequence ' || sequencename || ' ' || data_type || ' ' || increment_by || ' ' || cache_size
              FROM pg_sequences WHERE schemaname = 'sagas'
            UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'sagas'::regnamespace
            UNION ALL SELECT 'setting ' || relname || ' ' || array_to_string(reloptions, ',') FROM pg_class
              WHERE relnamespace = 'sagas'::regnamespace AND reloptions IS NOT NULL
            ORDER BY 1
            """
        );

    /// <summary>A session that shows, as an engine does, that the store is in use.</summary>
    public async Task<IAsyncDisposable> HoldAsync()
    {
        var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(
            "SELECT pg_advisory_lock_shared(hashtextextended('OrleansSagas ' || 'sagas', 0))",
            connection
        );
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>The dump sets a search path for its session: so the connection is not used again.</summary>
    protected override async Task LoadAsync(string file)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(await File.ReadAllTextAsync(file), connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<IReadOnlyList<string>> QueryAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return lines;
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection($"{_server.ConnectionString};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
