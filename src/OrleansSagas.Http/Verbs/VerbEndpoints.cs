using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Verbs;

/// <summary><c>POST /sagas/{id}/cancel</c> and the operator's other verbs.</summary>
internal static class VerbEndpoints
{
    private static readonly OperatorRequest Nothing = new();

    public static void Map(RouteGroupBuilder group, EndpointServices services)
    {
        foreach (var verb in OperatorVerb.All)
            group
                .MapPost($"/sagas/{{id}}/{verb.Path}", services, context => ActAsync(context, services, verb.Action))
                .Describe($"{verb.Action}Saga", verb.Summary, Shape)
                .Answers<SagaView>(200)
                .Refuses(400, 404, 409, 413, 415, 422, 503);
    }

    private static async Task ActAsync(HttpContext context, EndpointServices services, OperatorAction verb)
    {
        if (!SagaRoute.TryRead(context, out var saga, out var problem))
        {
            await problem.WriteAsync(context);
            return;
        }
        if (!IdempotencyKeyHeader.TryRead(context.Request.Headers[IdempotencyKeyHeader.Name], out var requestId, out var error))
        {
            await Problem.InvalidRequest(error).WriteAsync(context);
            return;
        }

        var body = await ReadBodyAsync(context.Request, services.Bodies);
        if (body.Problem is not null)
        {
            await body.Problem.WriteAsync(context);
            return;
        }

        var act = new OperatorCommand
        {
            Saga = saga,
            Verb = verb,
            Caller = Caller.Of(context),
            Actor = Caller.NameOf(context) ?? body.Request.Actor,
            Reason = body.Request.Reason,
            Step = body.Request.Step,
            RequestId = requestId,
            Body = body.Bytes,
            TraceParent = TraceParentHeader.Read(context.Request),
        };
        switch (await services.Sagas.ActAsync(act, CancellationToken.None))
        {
            case SagaResult.Accepted(var view):
                await JsonAnswer.WriteAsync(context, services, StatusCodes.Status200OK, view, SagaJsonContext.Default.SagaView);
                break;
            case SagaResult.Refused refused:
                await (Problem.Refused(refused) with { SagaId = saga.Id.Value }).WriteAsync(context);
                break;
        }
    }

    private static async Task<(byte[] Bytes, OperatorRequest Request, SagaProblem? Problem)> ReadBodyAsync(
        HttpRequest request,
        BodyReader bodies
    )
    {
        // A body may be left out; but one of another kind is refused even when it is empty, so that a web form sends nothing.
        var refusal = JsonContentType.Refusal(request);
        if (refusal is not null && !string.IsNullOrEmpty(request.ContentType))
            return ([], Nothing, refusal);
        var (bytes, problem) = await bodies.ReadAsync(request);
        if (problem is not null)
            return ([], Nothing, problem);
        if (bytes.Length == 0)
            return ([], Nothing, null);
        if (refusal is not null)
            return ([], Nothing, refusal);

        try
        {
            return (bytes, JsonSerializer.Deserialize(bytes, SagaJsonContext.Default.OperatorRequest) ?? Nothing, null);
        }
        catch (JsonException)
        {
            return (
                [],
                Nothing,
                Problem.InvalidRequest(
                    "The body cannot be read. Send a JSON object with the texts actor, reason and step, each of which may be left out."
                )
            );
        }
    }

    private static void Shape(
        string id,
        [
            FromHeader(Name = IdempotencyKeyHeader.Name),
            Description("1 to 255 printable ASCII characters in quotes: a repeat does nothing more.")
        ]
            string? key,
        [FromBody] OperatorRequest? request
    ) { }
}
