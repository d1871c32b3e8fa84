using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansSagas.Orleans.Hosting;

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
        silo.Configure<ClusterMembershipOptions>(Watchful);
        silo.Services.TryAddSingleton(SagaRuntime.System);
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, SilentSilos>());
        return silo;
    }

    /// <summary>A silo that does not answer is declared dead after three probes, each of which is given more time where the one before was in vain:
    /// at once where its connections are refused, in less than twenty seconds where it only hangs.</summary>
    private static void Watchful(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(2);
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(4);
        membership.NumMissedProbesLimit = 3;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);

        // Three of them, the time to start and the joining silo's next try together: a lone silo at a new address goes on within twenty seconds.
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(4);
    }
}
