using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansSagas.Bench.Workloads;

/// <summary>The engine that is measured: that of one process, where the benchmark was built without Orleans.</summary>
internal static class BenchEngine
{
    public static void AddTo(WebApplicationBuilder builder, Action<SagasBuilder> sagas) => builder.Services.AddSagas(sagas);
}
