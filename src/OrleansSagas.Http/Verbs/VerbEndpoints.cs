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
        Map(OperatorAction.Cancel, "Stops going forward and undoes what was done.");
        Map(OperatorAction.Terminate, "Stops the saga as it is; nothing is undone.");
        Map(OperatorAction.Pause, "Starts nothing new until resumed.");
        Map(OperatorAction.Resume, "Goes on after a pause.");
        Map(OperatorAction.Retry, "Tries an undo that failed for good once more.");
        Map(OperatorAction.Skip, "Leaves the effect of a step whose undo failed for good, and goes on.");
        Map(OperatorAction.Resolve, "Notes that the effect of a step was undone by other means, and goes on.");

        void Map(OperatorAction verb, string summary) =>
            endpoints
                .MapPost(
                    $"/sagas/{{id}}/{PathOf(verb)}",
                    (VerbRequest request, SagaService sagas, HttpContext context) => ActAsync(verb, request, sagas, context)
                )
                .WithName($"{verb}Saga")
                .WithSummary(summary)
                .Refuses(400, 404, 409, 413, 415, 422, 503);
    }

    private static string PathOf(OperatorAction verb) =>
        verb switch
        {
            OperatorAction.Cancel => "cancel",
            OperatorAction.Terminate => "terminate",
            OperatorAction.Pause => "pause",
            OperatorAction.Resume => "resume",
            OperatorAction.Retry => "retry",
            OperatorAction.Skip => "skip",
            OperatorAction.Resolve => "resolve",
            _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, "This verb has no path yet: add it here."),
        };

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
