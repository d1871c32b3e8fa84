using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Starting;

/// <summary><c>POST /sagas/{type}</c>.</summary>
internal static class StartEndpoint
{
    public static void Map(RouteGroupBuilder group, EndpointServices services) =>
        group
            .MapPost("/sagas/{type}", services, context => StartAsync(context, services))
            .Describe("StartSaga", "Starts a saga. The body is its data.", Shape)
            .Answers<SagaView>(200)
            .Answers<SagaView>(202)
            .Refuses(400, 404, 409, 413, 415, 422, 503);

    private static async Task StartAsync(HttpContext context, EndpointServices services)
    {
        if (!StartRequest.TryRead(context, services.Options.MaxWait, out var request, out var problem))
        {
            await problem.WriteAsync(context);
            return;
        }
        var body = await services.Bodies.ReadAsync(context.Request);
        if (body.Problem is not null)
        {
            await body.Problem.WriteAsync(context);
            return;
        }
        if (body.Bytes.Length == 0)
        {
            await Problem.InvalidRequest("The body is empty. Send the saga's data as JSON, {} where it has none.").WriteAsync(context);
            return;
        }

        var start = new StartSaga
        {
            Type = request.Type,
            Version = request.Version,
            Id = request.Id,
            Data = body.Bytes,
            CorrelationId = request.CorrelationId,
            Headers = request.Headers,
            RequestId = request.RequestId,
            Caller = Caller.Of(context),
            Actor = Caller.NameOf(context),
            TraceParent = TraceParentHeader.Read(context.Request),
            Wait = request.Wait ?? TimeSpan.Zero,
        };
        // The engine itself ends the wait when it stops; what was accepted goes on when the caller hangs up.
        await AnswerAsync(context, services, request, await services.Sagas.StartAsync(start, CancellationToken.None));
    }

    private static Task AnswerAsync(HttpContext context, EndpointServices services, in StartRequest request, SagaResult answer)
    {
        switch (answer)
        {
            case SagaResult.Accepted(var view):
                context.Response.Headers.Location = LocationOf(context.Request, view.Id);
                var ended = request.Wait is not null && view.Status.IsTerminal();
                if (ended)
                    PreferHeader.Apply(context.Response, request.Wait!.Value);
                return JsonAnswer.WriteAsync(
                    context,
                    services,
                    ended ? StatusCodes.Status200OK : StatusCodes.Status202Accepted,
                    view,
                    SagaJsonContext.Default.SagaView
                );
            case SagaResult.Refused refused:
                return (Problem.Refused(refused) with { SagaType = request.Type, SagaId = request.Id?.Value }).WriteAsync(context);
            default:
                throw new InvalidOperationException($"An answer is {answer.GetType().Name}.");
        }
    }

    /// <summary>The saga's path beside the one that was asked, below whatever prefix the routes were mapped.</summary>
    private static string LocationOf(HttpRequest request, SagaId id)
    {
        var path = request.Path.Value.AsSpan().TrimEnd('/');
        return string.Concat(request.PathBase.Value, path[..(path.LastIndexOf('/') + 1)], id.Value);
    }

    private static void Shape(
        [Description("The saga type.")] string type,
        [FromQuery, Description("The saga's id: 1 to 128 of A-Z a-z 0-9 . _ : - . Default: a fresh one.")] string? id,
        [FromQuery, Description("The version of the definition. Default: the newest.")] int? version,
        [
            FromHeader(Name = IdempotencyKeyHeader.Name),
            Description("1 to 255 printable ASCII characters in quotes: a repeat names the same saga.")
        ]
            string? key,
        [FromHeader(Name = "Correlation-Id"), Description("1 to 128 printable ASCII characters.")] string? correlationId,
        [
            FromHeader(Name = SagaHeadersHeader.Name),
            Description(
                "What every step gets beside the data: name=value pairs separated by commas, the values percent-encoded, 8 KiB at most."
            )
        ]
            string? headers,
        [FromHeader(Name = PreferHeader.Name), Description("wait=N answers when the saga has ended, after N seconds at the latest.")]
            string? prefer,
        [FromBody] JsonElement data
    ) { }
}
