using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Events;

/// <summary><c>GET /sagas/{id}/events</c>: the history as it comes.</summary>
internal static class EventsEndpoint
{
    public static void Map(RouteGroupBuilder group, EndpointServices services)
    {
        group
            .MapGet("/sagas/{id}/events", services, context => StreamAsync(context, services))
            .Describe("WatchSaga", "Streams what happens to a saga until it has ended, as server-sent events.", Shape)
            .Answers<SagaHistoryEntry>(200, "text/event-stream")
            .AnswersNothing(204)
            .Refuses(400, 404, 503);
    }

    private static async Task StreamAsync(HttpContext context, EndpointServices services)
    {
        if (!SagaRoute.TryRead(context, out var saga, out var problem) || !LastEventId.TryRead(context.Request, out var after, out problem))
        {
            await problem.WriteAsync(context);
            return;
        }
        if (!services.EventStreams.TryTake(1))
        {
            await Problem
                .Overloaded(
                    "Too many event streams are open",
                    $"{services.Options.MaxEventStreams} event streams are open, as many as this silo keeps. Try again later, or read "
                        + "the saga's history."
                )
                .WriteAsync(context);
            return;
        }

        try
        {
            await AnswerAsync(context, services, saga, after);
        }
        finally
        {
            services.EventStreams.Return(1);
        }
    }

    private static async Task AnswerAsync(HttpContext context, EndpointServices services, SagaKey saga, long after)
    {
        if (await CountAfterAsync(services, saga, after, context.RequestAborted) is not { } count)
            await Problem.SagaNotFound(saga.Id).WriteAsync(context);
        else if (
            count == 0
            && await HasEndedAsync(services, saga, context.RequestAborted)
            && await CountAfterAsync(services, saga, after, context.RequestAborted) is 0
        )
            context.Response.StatusCode = StatusCodes.Status204NoContent; // makes a browser's EventSource stop asking
        else
            await new EventStream(context, services).SendAsync(saga, after, context.RequestAborted);
    }

    // What these two read may be large, and is not kept while the stream is open. Between the two the saga may have gone on to its end:
    // only what is counted after that was seen is all.

    /// <summary>How many entries there are to tell, of which one is enough to know; null if there is no such saga.</summary>
    private static async Task<int?> CountAfterAsync(EndpointServices services, SagaKey saga, long after, CancellationToken cancellation) =>
        (await services.Sagas.HistoryAsync(saga, after, 1, cancellation))?.Items.Count;

    private static async Task<bool> HasEndedAsync(EndpointServices services, SagaKey saga, CancellationToken cancellation) =>
        await services.Sagas.GetAsync(saga, cancellation) is { EndedAt: not null };

    private static void Shape(
        string id,
        [FromHeader(Name = LastEventId.Header), Description("The revision that was seen last; goes before 'after'.")] long? lastEventId,
        [FromQuery, Description("Only what comes after this revision. Default: from the beginning.")] long? after
    ) { }
}
