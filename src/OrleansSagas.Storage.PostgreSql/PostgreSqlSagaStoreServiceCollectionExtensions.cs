using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansSagas;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql;

#pragma warning disable IDE0130 // where every host's Program.cs finds it
namespace Microsoft.Extensions.DependencyInjection;

#pragma warning restore IDE0130

/// <summary>Registers the PostgreSQL store.</summary>
public static class PostgreSqlSagaStoreServiceCollectionExtensions
{
    /// <summary>Keeps sagas in a PostgreSQL database, version 15 or newer.</summary>
    /// <param name="services">Where to register it.</param>
    /// <param name="configure">Says where the database is, and changes the settings.</param>
    public static IServiceCollection AddPostgreSqlSagaStore(this IServiceCollection services, Action<PostgreSqlSagaStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddSettings<PostgreSqlSagaStoreOptions, PostgreSqlSagaStoreOptionsValidator>().Configure(configure);
        services.TryAddSingleton(SagaRuntime.System);
        services.AddSingleton(provider => new PostgreSqlSagaStore(
            provider.GetRequiredService<IOptions<PostgreSqlSagaStoreOptions>>().Value,
            provider.GetRequiredService<SagaRuntime>(),
            provider.GetService<IMeterFactory>()
        ));
        services.AddSingleton<ISagaStore>(provider => provider.GetRequiredService<PostgreSqlSagaStore>());
        services.AddSingleton<ISagaClusterStore>(provider => provider.GetRequiredService<PostgreSqlSagaStore>());
        return services;
    }
}
