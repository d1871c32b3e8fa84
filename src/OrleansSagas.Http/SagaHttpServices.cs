using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace OrleansSagas.Http;

/// <summary>Adds what <see cref="SagaEndpoints.MapSagas"/> needs.</summary>
public static class SagaHttpServices
{
    /// <summary>Adds the front door. The engine (<see cref="SagaService"/>) is added separately.</summary>
    /// <param name="services">Where to add it.</param>
    /// <param name="configure">Changes the defaults; they are validated at start.</param>
    public static IServiceCollection AddSagaHttp(this IServiceCollection services, Action<SagaHttpOptions>? configure = null)
    {
        var options = services.AddOptions<SagaHttpOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SagaHttpOptions>, SagaHttpOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EndpointServices>();
        return services;
    }
}
