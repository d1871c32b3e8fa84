using System.Net;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using OrleansSagas.Orleans;

namespace OrleansSagas.Silo.Engine;

/// <summary>The silo: one of many over PostgreSQL, or alone over SQLite.</summary>
internal static class SiloEngine
{
    private const string DashboardPath = "/orleans";

    public static void AddSagaEngine(this WebApplicationBuilder builder, Action<SagasBuilder> configure)
    {
        var connection = SiloStore.ConnectionString(builder.Configuration);
        var settings = ClusterSettings.Read(builder.Configuration);
        builder.Services.AddSagaStore(builder.Configuration);
        OrleansSettings.Apply(builder, hasDatabase: connection is not null);
        builder.UseOrleans(silo =>
        {
            if (connection is null)
                BeAlone(silo, settings);
            else
                Join(silo, settings, connection);
            silo.AddSagas(configure, cluster => cluster.Partitions = settings.Partitions ?? (connection is null ? 1 : cluster.Partitions));
            silo.AddDashboard();
        });
    }

    public static void MapSagaEngine(this WebApplication app) => app.MapOrleansDashboard(DashboardPath);

    private static void BeAlone(ISiloBuilder silo, ClusterSettings settings)
    {
        silo.UseLocalhostClustering(
            settings.SiloPort ?? SiloPorts.Free(),
            settings.GatewayPort,
            serviceId: settings.ServiceId,
            clusterId: settings.ClusterId
        );
        silo.UseInMemoryReminderService();
    }

    private static void Join(ISiloBuilder silo, ClusterSettings settings, string connection)
    {
        silo.UsePostgreSqlCluster(connection);
        if (!OrleansSettings.HasDefaultGrainStorage(silo.Configuration))
            silo.AddAdoNetGrainStorageAsDefault(storage =>
                (storage.Invariant, storage.ConnectionString) = (
                    "Npgsql",
                    new NpgsqlConnectionStringBuilder(connection) { SearchPath = "orleans" }.ConnectionString
                )
            );
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (settings.ClusterId, settings.ServiceId));
        var port = settings.SiloPort ?? SiloPorts.UsualOrFree();
        if (settings.Address == ClusterSettings.OwnAddress)
            silo.ConfigureEndpoints(
                port,
                settings.GatewayPort,
                listenOnAnyHostAddress: !OrleansSettings.HasListeningEndpoint(silo.Configuration)
            );
        else
            silo.ConfigureEndpoints(IPAddress.Parse(settings.Address), port, settings.GatewayPort);
    }
}
