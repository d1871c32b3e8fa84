using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Http.Events;
using OrleansSagas.Http.Health;
using OrleansSagas.Http.Reading;
using OrleansSagas.Http.Starting;
using OrleansSagas.Http.Verbs;

namespace OrleansSagas.Http;

/// <summary>Maps the front door.</summary>
public static class SagaEndpoints
{
    /// <summary>Maps <c>/sagas</c> and <c>/health</c>. Put <see cref="Problems.SagaProblemsMiddleware.UseSagaProblems"/> before it,
    /// so that what the framework refuses is a problem as well.</summary>
    /// <returns>All the endpoints, to add conventions to.</returns>
    /// <exception cref="InvalidOperationException"><see cref="SagaHttpServices.AddSagaHttp"/> or the engine was not added.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is out of its bounds.</exception>
    public static IEndpointConventionBuilder MapSagas(this IEndpointRouteBuilder endpoints)
    {
        var registered = endpoints.ServiceProvider.GetRequiredService<IServiceProviderIsService>();
        if (!registered.IsService(typeof(EndpointServices)))
            throw new InvalidOperationException("MapSagas() needs services.AddSagaHttp(): call it before the application is built.");
        if (!registered.IsService(typeof(SagaService)))
            throw new InvalidOperationException("MapSagas() needs an engine: call services.AddSagas(...) before the application is built.");

        var services = endpoints.ServiceProvider.GetRequiredService<EndpointServices>();
        var group = endpoints.MapGroup("");
        StartEndpoint.Map(group, services);
        ReadEndpoints.Map(group, services);
        EventsEndpoint.Map(group, services);
        VerbEndpoints.Map(group, services);
        HealthEndpoints.Map(group, services);
        return group;
    }
}
