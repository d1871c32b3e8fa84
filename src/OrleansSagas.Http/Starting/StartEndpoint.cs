using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Starting;

/// <summary><c>POST /sagas/{type}</c>.</summary>
internal static class StartEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints
            .MapPost("/sagas/{type}", StartAsync)
            .WithName("StartSaga")
            .WithSummary("Starts a saga. The body is its data.")
            .Produces<SagaView>(StatusCodes.Status202Accepted)
            .Refuses(400, 404, 409, 413, 415, 422, 503);

    private static async Task<Results<SagaJson<SagaView>, SagaProblem>> StartAsync(
        StartRequest request,
        SagaService sagas,
        HttpContext context
    )
    {
        var start = new StartSaga
        {
            Type = request.Type,
            Version = request.Version,
            Id = request.Id,
            Data = request.Data.Utf8Json,
            CorrelationId = request.CorrelationId,
            Headers = request.Headers,
            RequestId = request.RequestId,
            Caller = Caller.Of(context.User),
            Actor = Caller.NameOf(context.User),
            TraceParent = TraceParentHeader.Read(context.Request),
            Wait = request.Wait ?? TimeSpan.Zero,
        };
        // The engine itself ends the wait when it stops; what was accepted goes on when the caller hangs up.
        switch (await sagas.StartAsync(start, CancellationToken.None))
        {
            case SagaResult.Accepted(var view):
                context.Response.Headers.Location = LocationOf(context.Request, view.Id);
                if (request.Wait is not { } wait || !view.Status.IsTerminal())
                    return new SagaJson<SagaView>(view, SagaJsonContext.Default.SagaView, StatusCodes.Status202Accepted);
                PreferHeader.Apply(context.Response, wait);
                return new SagaJson<SagaView>(view, SagaJsonContext.Default.SagaView);
            case SagaResult.Refused refused:
                return Problem.Refused(refused, request.Id?.Value, request.Type);
            case var other:
                throw new InvalidOperationException($"An answer is {other.GetType().Name}.");
        }
    }

    /// <summary>The saga's path beside the one that was asked, below whatever prefix the routes were mapped.</summary>
    private static string LocationOf(HttpRequest request, SagaId id)
    {
        var path = request.Path.Value.AsSpan().TrimEnd('/');
        return string.Concat(request.PathBase.Value, path[..(path.LastIndexOf('/') + 1)], id.Value);
    }
}
