using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansSagas;
using OrleansSagas.Http;
using OrleansSagas.Http.Events;
using OrleansSagas.Http.Health;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

#pragma warning disable IDE0130 // where every host's Program.cs finds it
namespace Microsoft.Extensions.DependencyInjection;

#pragma warning restore IDE0130

/// <summary>Adds what <see cref="SagaEndpoints.MapSagas"/> needs.</summary>
public static class SagaHttpServices
{
    /// <summary>Adds the front door. The engine (<see cref="SagaService"/>) is added separately.</summary>
    /// <param name="services">Where to add it.</param>
    /// <param name="configure">Changes the defaults; they are validated at start.</param>
    public static IServiceCollection AddSagaHttp(this IServiceCollection services, Action<SagaHttpOptions>? configure = null)
    {
        var options = services.AddSettings<SagaHttpOptions, SagaHttpOptionsValidator>();
        if (configure is not null)
            options.Configure(configure);
        if (services.Any(service => service.ServiceType == typeof(BodyReader)))
            return services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ByteBudget(provider.GetRequiredService<IOptions<SagaHttpOptions>>().Value.MaxLargeBytes));
        services.AddSingleton<BodyReader>();
        services.TryAddSingleton<LargeResponseWriter>();
        services.TryAddSingleton<EventStreams>();
        services.AddHealthChecks().AddCheck<SagaHealth>("sagas", tags: [SagaHealth.Ready]);
        return services;
    }

    /// <summary>
    /// Gives everything that the application refuses a problem (RFC 9457) as its body that tells nothing of the inside: a bare 4xx or 5xx
    /// with <c>UseStatusCodePages()</c>, an exception with <c>UseExceptionHandler()</c>.
    /// </summary>
    public static IServiceCollection AddSagaProblems(this IServiceCollection services)
    {
        // The framework's own writer comes after it, and is asked for what an endpoint of the application has to say itself.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProblemDetailsWriter, ProblemWriter>());
        services.AddProblemDetails();
        return services.AddExceptionHandler<SagaExceptionHandler>();
    }
}
