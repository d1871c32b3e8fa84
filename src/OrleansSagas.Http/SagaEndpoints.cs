using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansSagas;
using OrleansSagas.Http;
using OrleansSagas.Http.Events;
using OrleansSagas.Http.Health;
using OrleansSagas.Http.Reading;
using OrleansSagas.Http.Requests;
using OrleansSagas.Http.Starting;
using OrleansSagas.Http.Verbs;

#pragma warning disable IDE0130 // where every host's Program.cs finds it
namespace Microsoft.AspNetCore.Builder;

#pragma warning restore IDE0130

/// <summary>Maps the front door.</summary>
public static class SagaEndpoints
{
    /// <summary>Maps <c>/sagas</c> and <c>/health</c>. What these endpoints refuse is a problem (RFC 9457); for one from what else an
    /// application refuses see <see cref="SagaHttpServices.AddSagaProblems"/>.</summary>
    /// <returns>All the endpoints, to add conventions to.</returns>
    /// <exception cref="InvalidOperationException"><see cref="SagaHttpServices.AddSagaHttp"/> or the engine was not added.</exception>
    public static IEndpointConventionBuilder MapSagas(this IEndpointRouteBuilder endpoints)
    {
        var registered = endpoints.ServiceProvider.GetRequiredService<IServiceProviderIsService>();
        if (!registered.IsService(typeof(BodyReader)))
            throw new InvalidOperationException("MapSagas() needs services.AddSagaHttp(): call it before the application is built.");
        if (!registered.IsService(typeof(SagaService)))
            throw new InvalidOperationException("MapSagas() needs an engine: call services.AddSagas(...) before the application is built.");

        var all = endpoints.MapGroup("");
        var sagas = all.MapGroup("").WithTags("Sagas");
        sagas.AddEndpointFilter(new SagaEndpointFilter(endpoints.ServiceProvider.GetRequiredService<ILogger<SagaEndpointFilter>>()));
        StartEndpoint.Map(sagas);
        ReadEndpoints.Map(sagas);
        EventsEndpoint.Map(sagas);
        VerbEndpoints.Map(sagas);
        HealthEndpoints.Map(all);
        return all;
    }

    /// <summary>Says with which statuses an endpoint refuses.</summary>
    internal static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params ReadOnlySpan<int> statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in statuses)
            endpoint.ProducesProblem(status);
        return endpoint;
    }
}
