using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansSagas;
using OrleansSagas.Execution;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Client;
using OrleansSagas.Orleans.Hosting;
using OrleansSagas.Orleans.Notifications;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.Orleans.Scheduling;

#pragma warning disable IDE0130 // where every host's Program.cs finds it
namespace Microsoft.Extensions.DependencyInjection;

#pragma warning restore IDE0130

/// <summary>Adds sagas to a silo.</summary>
public static class SagaSiloBuilderExtensions
{
    /// <summary>
    /// Adds the cluster engine, in place of <c>services.AddSagas</c>. It needs a store (for more than one silo one that several engines can
    /// hold) and a reminder service.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="configure">
    /// Says which sagas are defined and how they are run. Silos may differ in their definitions: a saga is activated where its own is.
    /// </param>
    /// <param name="cluster">How the cluster engine behaves; null for the defaults.</param>
    /// <remarks>
    /// It may be called by several parts of an application, as may <c>services.AddSagas</c>: their definitions add up, and what each sets
    /// of the options is set. An <see cref="ISagaClient"/> comes with it.
    /// </remarks>
    /// <exception cref="SagaDefinitionException">The same version of a type is added twice, in different shapes.</exception>
    public static ISiloBuilder AddSagas(this ISiloBuilder silo, Action<SagasBuilder> configure, Action<SagaClusterOptions>? cluster = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(configure);
        var services = silo.Services;
        var (sagas, _) = services.AddSagaProcesses(configure);
        services.RemoveLocalEngine(sagas);
        if (cluster is not null)
            services.Configure(cluster);
        if (services.Any(service => service.ServiceType == typeof(ClusterEngine)))
            return silo;

        silo.AddReminders();
        services.AddSingleton<IPostConfigureOptions<ClusterMembershipOptions>, MembershipDefaults>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SilentSilos>();
        services.AddSingleton<IPostConfigureOptions<HostOptions>, StopTimes>();
        services.AddSingleton<IValidateOptions<HostOptions>, StopTimes>();
        services.AddSettings<SagaClusterOptions, SagaClusterOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<SagaClusterOptions>>().Value);
        services.AddSingleton<ClusterMembers>();
        services.AddSingleton<ClusterDefinitions>();
        services.AddSingleton<ClusterSilos>();
        services.AddSingleton<SagaWaking>();
        services.AddSingleton<OwnRows>();
        services.AddSingleton<HeldSagas>();
        services.AddSingleton<SchedulerHeartbeat>();
        services.AddSingleton<ClusterWatch>();
        services.AddSingleton<IStepContextFlow, StepRequestContext>();
        services.AddSingleton<ClusterEngine>();
        services.AddSingleton<ISagaDispatcher>(provider => provider.GetRequiredService<ClusterEngine>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<ClusterEngine>());
        services.AddSingleton(provider => new CallTimes(
            provider.GetRequiredService<IOptions<SiloMessagingOptions>>().Value.ResponseTimeout
        ));
        services.AddSagaClusterClient();
        return silo;
    }
}
