using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using OrleansSagas.Orleans;

namespace OrleansSagas.Bench.Workloads;

/// <summary>The engines that are measured.</summary>
internal static class BenchEngine
{
    /// <summary>Adds the engine in an Orleans silo, alone or one of several.</summary>
    public static void AddSilo(WebApplicationBuilder builder, WorkloadSetup setup, Action<SagasBuilder> sagas) =>
        builder.UseOrleans(silo =>
        {
            if (setup.Postgres is { } server)
            {
                var (forSilos, forClients) = FreePorts();
                silo.UsePostgreSqlCluster(server)
                    .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = setup.Cluster)
                    .ConfigureEndpoints(IPAddress.Loopback, forSilos, forClients);
            }
            else
            {
                ConfigureAlone(silo);
            }

            silo.AddSagas(sagas);
        });

    /// <summary>Adds the engine for one process.</summary>
    public static void AddInProcess(WebApplicationBuilder builder, WorkloadSetup setup, Action<SagasBuilder> sagas) =>
        builder.Services.AddSagas(sagas);

    /// <summary>Makes <paramref name="silo"/> a cluster of its own that keeps nothing.</summary>
    public static void ConfigureAlone(ISiloBuilder silo)
    {
        var (forSilos, forClients) = FreePorts();
        silo.UseLocalhostClustering(forSilos, forClients).UseInMemoryReminderService();
    }

    private static (int ForSilos, int ForClients) FreePorts()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        other.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)other.LocalEndpoint).Port);
    }
}
