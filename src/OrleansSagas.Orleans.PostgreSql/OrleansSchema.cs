using Npgsql;
using Orleans.Runtime;

namespace OrleansSagas.Orleans.PostgreSql;

/// <summary>
/// Creates what Orleans keeps in PostgreSQL where it is missing, in a schema of its own, before the silo joins. The packages of Orleans do
/// not bring it.
/// </summary>
internal sealed class OrleansSchema(string connectionString) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>The schema's name.</summary>
    public const string Name = "orleans";

    private const string Script = "OrleansSagas.Orleans.PostgreSql.orleans-postgresql.sql";

    /// <summary>Any number, the same for all silos: it makes them create the schema one after the other.</summary>
    private const long Lock = 0x4F72_6C65_616E_73;

    public string ConnectionString => connectionString;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(
            nameof(OrleansSchema),
            ServiceLifecycleStage.First,
            cancellation => EnsureAsync(connectionString, cancellation)
        );

    public static async Task EnsureAsync(string connectionString, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync($"SELECT pg_advisory_xact_lock({Lock})");
        if (await IsThereAsync())
            return;
        using var script = new StreamReader(typeof(OrleansSchema).Assembly.GetManifestResourceStream(Script)!);
        await RunAsync($"CREATE SCHEMA IF NOT EXISTS {Name}; SET LOCAL search_path = {Name};");
        await RunAsync(await script.ReadToEndAsync(cancellation));
        await transaction.CommitAsync(cancellation);

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand
            {
                CommandText = sql,
                Connection = connection,
                Transaction = transaction,
            };
            await command.ExecuteNonQueryAsync(cancellation);
        }

        async Task<bool> IsThereAsync()
        {
            await using var command = new NpgsqlCommand
            {
                CommandText = $"SELECT to_regclass('{Name}.orleansquery') IS NOT NULL",
                Connection = connection,
                Transaction = transaction,
            };
            return (bool)(await command.ExecuteScalarAsync(cancellation))!;
        }
    }
}
