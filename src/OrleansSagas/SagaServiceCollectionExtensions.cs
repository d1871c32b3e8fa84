using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OrleansSagas.Local;
using OrleansSagas.Execution;
using OrleansSagas.Payloads;
using OrleansSagas.Telemetry;
using OrleansSagas.Watching;

namespace OrleansSagas;

/// <summary>Adds sagas to a host.</summary>
public static class SagaServiceCollectionExtensions
{
    /// <summary>Adds the engine for one process. It also needs a store, such as that of <c>AddSqliteSagaStore</c>.</summary>
    /// <exception cref="SagaDefinitionException">One version of a type is added twice.</exception>
    public static IServiceCollection AddSagas(this IServiceCollection services, Action<SagasBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddSagaProcesses(configure);
        services.AddSingleton<LocalEngine>();
        services.AddSingleton<ISagaDispatcher>(provider => provider.GetRequiredService<LocalEngine>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<LocalEngine>());
        return services;
    }

    /// <summary>Adds what every engine is made of.</summary>
    internal static void AddSagaProcesses(this IServiceCollection services, Action<SagasBuilder> configure)
    {
        var builder = new SagasBuilder();
        configure(builder);
        builder.Options.Check();
        services.TryAddSingleton(SagaRuntime.System);
        services.TryAddSingleton<IPayloadCodec, IdentityPayloadCodec>();
        services.AddSingleton(builder.Options);
        services.AddSingleton(new SagaCatalog(builder.Definitions));
        services.AddSingleton<SagaWatch>();
        services.AddSingleton<SagaInstruments>();
        services.AddSingleton<SagaProcesses>();
        services.AddSingleton<Sagas>();
    }
}
