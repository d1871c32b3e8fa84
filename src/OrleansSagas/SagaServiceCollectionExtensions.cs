using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansSagas;
using OrleansSagas.Execution;
using OrleansSagas.Local;
using OrleansSagas.Notifications;
using OrleansSagas.Payloads;
using OrleansSagas.Telemetry;

#pragma warning disable IDE0130 // where every host's Program.cs finds it
namespace Microsoft.Extensions.DependencyInjection;

#pragma warning restore IDE0130

/// <summary>Adds sagas to a host.</summary>
public static class SagaServiceCollectionExtensions
{
    /// <summary>
    /// Adds the engine for one process, and an <see cref="ISagaClient"/> over it. It also needs a store, such as that of
    /// <c>AddSqliteSagaStore</c>.
    /// </summary>
    /// <remarks>
    /// It may be called by several parts of an application: their definitions add up. In a silo with sagas they are added to the silo's.
    /// </remarks>
    /// <exception cref="SagaDefinitionException">The same version of a type is added twice, in different shapes.</exception>
    public static IServiceCollection AddSagas(this IServiceCollection services, Action<SagasBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var (builder, isFirst) = services.AddSagaProcesses(configure);
        if (!isFirst)
            return services;
        builder.LocalEngine.AddRange([
            ServiceDescriptor.Singleton<LocalEngine, LocalEngine>(),
            ServiceDescriptor.Singleton<ISagaDispatcher>(provider => provider.GetRequiredService<LocalEngine>()),
            ServiceDescriptor.Singleton<IHostedService>(provider => provider.GetRequiredService<LocalEngine>()),
        ]);
        if (!services.Any(service => service.ServiceType == typeof(ISagaClient)))
            builder.LocalEngine.Add(
                ServiceDescriptor.Singleton<ISagaClient>(provider => new SagaClient(
                    new LocalCalls(provider.GetRequiredService<SagaService>(), provider.GetRequiredService<SagaRuntime>())
                ))
            );
        foreach (var part in builder.LocalEngine)
            services.Add(part);
        return services;
    }

    /// <summary>Adds what every engine is made of, once; says whether this was the first time.</summary>
    internal static (SagasBuilder Builder, bool IsFirst) AddSagaProcesses(this IServiceCollection services, Action<SagasBuilder> configure)
    {
        var builder = (SagasBuilder?)
            services.FirstOrDefault(service => service.ServiceType == typeof(SagasBuilder))?.ImplementationInstance;
        var isFirst = builder is null;
        builder ??= new SagasBuilder(services);
        configure(builder);
        if (!isFirst)
            return (builder, false);
        services.AddSingleton(builder);
        services.TryAddSingleton(SagaRuntime.System);
        services.TryAddSingleton<IPayloadCodec, IdentityPayloadCodec>();
        services.AddSettings<SagaOptions, SagaOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<SagaOptions>>().Value);
        services.AddSingleton(_ => new SagaCatalog(builder.Definitions));
        services.AddSingleton<SagaWatch>();
        services.AddMetrics();
        services.AddSingleton<SagaInstruments>();
        services.AddSingleton<SagaProcesses>();
        services.AddSingleton<SagaService>();
        return (builder, true);
    }

    /// <summary>Takes the engine for one process away, where another one runs the sagas.</summary>
    internal static void RemoveLocalEngine(this IServiceCollection services, SagasBuilder builder)
    {
        foreach (var part in builder.LocalEngine)
            services.Remove(part);
        builder.LocalEngine.Clear();
    }
}
