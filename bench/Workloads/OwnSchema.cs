using Npgsql;

namespace OrleansSagas.Bench.Workloads;

/// <summary>The schema of one workload on a server that is not the run's own: dropped before and after.</summary>
internal sealed class OwnSchema : IAsyncDisposable
{
    private readonly string _server;

    private OwnSchema(string server) => _server = server;

    public static async Task<OwnSchema> MakeRoomAsync(string server)
    {
        var schema = new OwnSchema(server);
        await schema.DisposeAsync();
        return schema;
    }

    public async ValueTask DisposeAsync()
    {
        await using var connection = new NpgsqlConnection(_server);
        await connection.OpenAsync();
        await using var drop = new NpgsqlCommand(
            $"SET client_min_messages = warning; DROP SCHEMA IF EXISTS {WorkloadSetup.PostgresSchema} CASCADE",
            connection
        );
        await drop.ExecuteNonQueryAsync();
    }
}
