using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using OrleansSagas.Cluster;

namespace OrleansSagas.Bench.Workloads;

/// <summary>The engine that is measured: a cluster of one silo, where the benchmark was built with Orleans.</summary>
internal static class BenchEngine
{
    public static void AddTo(WebApplicationBuilder builder, Action<SagasBuilder> sagas) =>
        builder.UseOrleans(silo => silo.UseLocalhostClustering().UseInMemoryReminderService().AddSagas(sagas));
}
