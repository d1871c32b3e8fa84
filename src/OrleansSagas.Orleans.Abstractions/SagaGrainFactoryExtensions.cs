using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Orleans.Client;

namespace OrleansSagas.Orleans;

/// <summary>Sagas for grains and for the clients of a cluster.</summary>
public static class SagaGrainFactoryExtensions
{
    /// <summary>The sagas of the cluster that <paramref name="grains"/> reaches. It holds nothing: get it where it is needed.</summary>
    /// <remarks>
    /// Inside a grain every wait keeps the grain's scheduler. A grain that waits for a saga whose steps call that grain must be reentrant,
    /// or the steps wait for the grain.
    /// </remarks>
    /// <param name="grains">The grain factory of a grain, of a silo, or an <see cref="IClusterClient"/>.</param>
    public static ISagaClient Sagas(this IGrainFactory grains)
    {
        ArgumentNullException.ThrowIfNull(grains);
        var services = (grains as IClusterClient)?.ServiceProvider;
        return new SagaClient(
            new ClusterSagaCalls(grains, services?.GetService<TimeProvider>() ?? TimeProvider.System, CallTimes.Of(services))
        );
    }
}
