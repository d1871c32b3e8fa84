using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansSagas;
using OrleansSagas.Orleans.Testing;
using OrleansSagas.Storage;

#pragma warning disable IDE0130 // where every host's Program.cs finds it
namespace Microsoft.Extensions.DependencyInjection;

#pragma warning restore IDE0130

/// <summary>Adds sagas to the test clusters of Orleans.</summary>
public static class SagaTestClusterExtensions
{
    /// <summary>
    /// Adds sagas to every silo, over one store that the silos share, with reminders in memory; and an <see cref="ISagaClient"/> to the
    /// silos and to the client.
    /// </summary>
    /// <remarks>
    /// It may be called by several parts of a test: their definitions add up. Register what the steps need with
    /// <c>builder.ConfigureSilo</c>.
    /// </remarks>
    /// <param name="builder">The cluster's builder.</param>
    /// <param name="configure">Says which sagas are defined and how they are run.</param>
    /// <param name="store">The store that the silos share. Default: one in memory, for this cluster.</param>
    /// <exception cref="SagaDefinitionException">
    /// The same version of a type is added twice, in different shapes; thrown when the cluster is deployed.
    /// </exception>
    public static InProcessTestClusterBuilder AddSagas(
        this InProcessTestClusterBuilder builder,
        Action<SagasBuilder> configure,
        SharedSagaStore? store = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        store ??= new SharedSagaStore();
        builder.ConfigureSilo((_, silo) => Add(silo, configure, store));
        builder.ConfigureClient(client => client.AddSagaClient());
        return builder;
    }

    /// <inheritdoc cref="AddSagas(InProcessTestClusterBuilder, Action{SagasBuilder}, SharedSagaStore?)"/>
    public static TestClusterBuilder AddSagas(
        this TestClusterBuilder builder,
        Action<SagasBuilder> configure,
        SharedSagaStore? store = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        TestClusterParts.Add(builder, configure, store);
        return builder;
    }

    /// <summary>
    /// Kills a silo as the end of its process would: what it still does is not written. Its sagas go on elsewhere once it is declared dead.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="silo">The silo.</param>
    public static async Task KillSiloWithSagasAsync(this InProcessTestCluster cluster, InProcessSiloHandle silo)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(silo);
        await silo.ServiceProvider.GetRequiredService<SharedSagaStore>().KillAsync(silo.SiloAddress);
        await cluster.KillSiloAsync(silo);
    }

    /// <inheritdoc cref="KillSiloWithSagasAsync(InProcessTestCluster, InProcessSiloHandle)"/>
    public static async Task KillSiloWithSagasAsync(this TestCluster cluster, SiloHandle silo)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(silo);
        await cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<SharedSagaStore>().KillAsync(silo.SiloAddress);
        await cluster.KillSiloAsync(silo);
    }

    internal static void Add(ISiloBuilder silo, Action<SagasBuilder> configure, SharedSagaStore store)
    {
        if (silo.Services.All(service => service.ServiceType != typeof(SharedSagaStore)))
        {
            silo.Services.AddSingleton(store);
            silo.Services.TryAddSingleton<ISagaStore>(_ => store.Connect());
            silo.UseInMemoryReminderService();
            GrainDirectoryStop.AddTo(silo);
        }

        silo.AddSagas(configure);
    }
}
