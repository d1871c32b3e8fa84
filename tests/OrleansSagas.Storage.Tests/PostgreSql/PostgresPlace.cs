using Npgsql;
using OrleansSagas.Storage.PostgreSql;

namespace OrleansSagas.Storage.Tests.PostgreSql;

/// <summary>A schema of one test's own.</summary>
internal sealed class PostgresPlace(string connectionString, string schema)
{
    public string ConnectionString => connectionString;

    public string Schema => schema;

    public PostgreSqlSagaStoreOptions Options =>
        new()
        {
            ConnectionString = connectionString,
            Schema = schema,
            Writers = 2,
            RetryAfter = TimeSpan.FromMilliseconds(200),
            OpenTimeout = TimeSpan.FromSeconds(5),
        };

    /// <summary>A connection beside the store's, which sees the same tables.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                SearchPath = schema,
                Pooling = false,
                CommandTimeout = 20,
            }.ConnectionString
        );
        await connection.OpenAsync();
        return connection;
    }

    public async Task<object?> RunAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>
    /// Holds up whoever writes an entry, so that transactions stand in the middle: the writer's row is locked, and the request is written.
    /// </summary>
    public async Task<IAsyncDisposable> StallWritesAsync()
    {
        await RunAsync(
            """
            CREATE OR REPLACE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_advisory_xact_lock_shared('history'::regclass::oid::bigint); RETURN NEW; END $$;
            CREATE OR REPLACE TRIGGER stall BEFORE INSERT ON history FOR EACH ROW EXECUTE FUNCTION stall()
            """
        );
        var connection = await ConnectAsync();
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock('history'::regclass::oid::bigint)", connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Waits until so many sessions are held up.</summary>
    public Task AreStalledAsync(int sessions) =>
        HoldsAsync(
            $"(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = '{schema}.history'::regclass::oid AND NOT granted) "
                + $">= {sessions}"
        );

    /// <summary>Waits until a transaction of a writer waits for another one's end.</summary>
    public Task WaitsForAnotherAsync() =>
        HoldsAsync(
            "EXISTS (SELECT 1 FROM pg_locks l JOIN writer w ON w.session = l.pid WHERE l.locktype = 'transactionid' AND NOT l.granted)"
        );

    /// <summary>Waits until an SQL condition holds.</summary>
    public async Task HoldsAsync(string condition)
    {
        for (var i = 0; i < 1000; i++)
        {
            if ((bool)(await RunAsync($"SELECT {condition}"))!)
                return;
            await Task.Delay(10);
        }

        throw new TimeoutException($"Waited 10 s for: {condition}");
    }

    public async Task RemoveAsync() => await RunAsync($"SET client_min_messages = warning; DROP SCHEMA IF EXISTS {schema} CASCADE");
}
