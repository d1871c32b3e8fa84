using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Hosting;
using Orleans.Runtime;

namespace OrleansSagas.Orleans.PostgreSql;

/// <summary>Makes a silo one of many.</summary>
public static class PostgreSqlSiloBuilderExtensions
{
    private const string Invariant = "Npgsql";

    /// <summary>Keeps membership and reminders of the cluster in PostgreSQL 15 or newer, in the schema <c>orleans</c>, which is created where it is missing.</summary>
    /// <remarks>Where the application's own grains keep their state is the application's choice; the schema has the table of Orleans' ADO.NET grain storage too.</remarks>
    /// <param name="silo">The silo.</param>
    /// <param name="connectionString">How to reach the database.</param>
    public static ISiloBuilder UsePostgreSqlCluster(this ISiloBuilder silo, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        var connection = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = OrleansSchema.Name, ApplicationName = "OrleansSagas cluster" }.ConnectionString;
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(new OrleansSchema(connectionString));
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, connection));
        silo.UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = (Invariant, connection));
        return silo;
    }
}
