using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Hosting;
using Orleans.Serialization;
using OrleansSagas;
using OrleansSagas.Orleans;

#pragma warning disable IDE0130 // where every host's Program.cs finds it
namespace Microsoft.Extensions.DependencyInjection;

#pragma warning restore IDE0130

/// <summary>Adds an <see cref="ISagaClient"/> over the cluster client of a process. A silo with sagas has one already.</summary>
public static class SagaClientExtensions
{
    /// <summary>
    /// Adds an <see cref="ISagaClient"/> over the <see cref="IClusterClient"/> of <c>UseOrleansClient</c>; nothing where there is one
    /// already.
    /// </summary>
    public static IClientBuilder AddSagaClient(this IClientBuilder client)
    {
        ArgumentNullException.ThrowIfNull(client);
        client.Services.AddSagaClusterClient();
        return client;
    }

    /// <summary>
    /// Adds an <see cref="ISagaClient"/> over the <see cref="IClusterClient"/> of this process: a silo's own, or that of
    /// <c>UseOrleansClient</c>; nothing where there is one already.
    /// </summary>
    public static IServiceCollection AddSagaClusterClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);

        // What a grain lets out of these calls, and what it says to a step, comes to its caller as what it is.
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add(nameof(OrleansSagas)));
        services.TryAddSingleton(provider => provider.GetRequiredService<IClusterClient>().Sagas());
        return services;
    }
}
