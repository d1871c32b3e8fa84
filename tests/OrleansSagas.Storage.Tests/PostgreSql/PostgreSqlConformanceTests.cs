using Npgsql;
using OrleansSagas.Storage.PostgreSql;
using OrleansSagas.Storing;
using OrleansSagas.Tests.Conformance;

namespace OrleansSagas.Tests.PostgreSql;

/// <summary>The one suite for every store, on PostgreSQL.</summary>
public sealed class PostgreSqlConformanceTests(PostgresFixture postgres) : SagaStoreConformance
{
    private readonly string _schema = postgres.NewSchema();
    private string? _server;

    public override async ValueTask InitializeAsync()
    {
        _server = await postgres.ConnectionStringAsync();
        await base.InitializeAsync();
    }

    protected override ISagaStore CreateStore(SagaRuntime runtime) =>
        new PostgreSqlSagaStore(new PostgreSqlSagaStoreOptions { ConnectionString = _server!, Schema = _schema }, runtime);

    protected override async ValueTask RemovePlaceAsync()
    {
        await using var connection = new NpgsqlConnection(_server);
        await connection.OpenAsync();
        await using var drop = new NpgsqlCommand($"SET client_min_messages = warning; DROP SCHEMA {_schema} CASCADE", connection);
        await drop.ExecuteNonQueryAsync();
    }
}
