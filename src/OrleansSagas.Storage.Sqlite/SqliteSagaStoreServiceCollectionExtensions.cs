using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansSagas;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite;

#pragma warning disable IDE0130 // where every host's Program.cs finds it
namespace Microsoft.Extensions.DependencyInjection;

#pragma warning restore IDE0130

/// <summary>Registers the embedded store.</summary>
public static class SqliteSagaStoreServiceCollectionExtensions
{
    /// <summary>Keeps sagas in one SQLite file.</summary>
    /// <param name="services">Where to register it.</param>
    /// <param name="configure">Changes the settings; null for the defaults.</param>
    public static IServiceCollection AddSqliteSagaStore(this IServiceCollection services, Action<SqliteSagaStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddSettings<SqliteSagaStoreOptions, SqliteSagaStoreOptionsValidator>();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddSingleton(SagaRuntime.System);
        services.AddSingleton<ISagaStore>(provider => new SqliteSagaStore(
            provider.GetRequiredService<IOptions<SqliteSagaStoreOptions>>().Value,
            provider.GetRequiredService<SagaRuntime>(),
            provider.GetService<IMeterFactory>()
        ));
        return services;
    }
}
