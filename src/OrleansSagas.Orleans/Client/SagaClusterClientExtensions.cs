using Microsoft.Extensions.DependencyInjection;

namespace OrleansSagas.Orleans.Client;

/// <summary>Adds the client for code inside the cluster.</summary>
public static class SagaClusterClientExtensions
{
    /// <summary>Adds an <see cref="ISagaClient"/> over the <see cref="IClusterClient"/> of this process: a silo's own, or that of <c>UseOrleansClient</c>.</summary>
    public static IServiceCollection AddSagaClusterClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<ISagaClient>(provider => new ClusterSagaClient(provider.GetRequiredService<IClusterClient>(), TimeProvider.System));
    }
}
