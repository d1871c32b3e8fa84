using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansSagas.Bench.Workloads;

/// <summary>The engine that is measured: that of one process, where the benchmark was built without Orleans.</summary>
internal static class BenchEngine
{
    public const bool IsCluster = false;

    public static void AddTo(WebApplicationBuilder builder, WorkloadSetup setup, Action<SagasBuilder> sagas)
    {
        ArgumentNullException.ThrowIfNull(setup); // it has no neighbours to find
        builder.Services.AddSagas(sagas);
    }
}
