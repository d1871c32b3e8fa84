using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Verbs;

/// <summary><c>POST /sagas/{id}/cancel</c> and the operator's other verbs.</summary>
internal static class VerbEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var verb in OperatorVerb.All)
            endpoints
                .MapPost(
                    $"/sagas/{{id}}/{verb.Path}",
                    (VerbRequest request, SagaService sagas, HttpContext context) => ActAsync(verb.Action, request, sagas, context)
                )
                .WithName($"{verb.Action}Saga")
                .WithSummary(verb.Summary)
                .Refuses(400, 404, 409, 413, 415, 422, 503);
    }

    private static async Task<Results<SagaJson<SagaView>, SagaProblem>> ActAsync(
        OperatorAction verb,
        VerbRequest request,
        SagaService sagas,
        HttpContext context
    )
    {
        var act = new OperatorCommand
        {
            Saga = new(request.Id),
            Verb = verb,
            Caller = Caller.Of(context.User),
            Actor = Caller.NameOf(context.User) ?? request.Body?.Actor,
            Reason = request.Body?.Reason,
            Step = request.Body?.Step,
            RequestId = request.RequestId,
            Body = request.Bytes,
            TraceParent = TraceParentHeader.Read(context.Request),
        };
        return await sagas.ActAsync(act, CancellationToken.None) switch
        {
            SagaResult.Accepted(var view) => new SagaJson<SagaView>(view, SagaJsonContext.Default.SagaView),
            SagaResult.Refused refused => Problem.Refused(refused, request.Id.Value),
            var other => throw new InvalidOperationException($"An answer is {other.GetType().Name}."),
        };
    }
}
