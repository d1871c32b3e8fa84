using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.PostgreSql;

namespace OrleansSagas.Bench.Workloads;

/// <summary>The engine that is measured: an Orleans silo, alone or one of several.</summary>
internal static class BenchEngine
{
    public static void AddTo(WebApplicationBuilder builder, WorkloadSetup setup, Action<SagasBuilder> sagas) => builder.UseOrleans(silo =>
    {
        var (forSilos, forClients) = FreePorts();
        if (setup.Postgres is { } server)
            silo.UsePostgreSqlCluster(server)
                .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = setup.Cluster)
                .ConfigureEndpoints(IPAddress.Loopback, forSilos, forClients);
        else
            silo.UseLocalhostClustering(forSilos, forClients).UseInMemoryReminderService();
        silo.AddSagas(sagas);
    });

    private static (int ForSilos, int ForClients) FreePorts()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        other.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)other.LocalEndpoint).Port);
    }
}
