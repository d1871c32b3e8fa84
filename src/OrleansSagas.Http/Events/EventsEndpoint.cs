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
    public static void Map(RouteGroupBuilder group, FrontDoor door)
    {
        group.MapGet("/sagas/{id}/events", door, context => StreamAsync(context, door))
            .Describe("WatchSaga", "Streams what happens to a saga until it has ended, as server-sent events.", Shape)
            .Answers<SagaHistoryEntry>(200, "text/event-stream").AnswersNothing(204)
            .Refuses(400, 404, 503);
    }

    private static async Task StreamAsync(HttpContext context, FrontDoor door)
    {
        if (!SagaRoute.TryRead(context, out var saga, out var problem) || !LastEventId.TryRead(context.Request, out var after, out problem))
        {
            await problem.WriteAsync(context);
            return;
        }
        if (!door.EventStreams.TryTake(1))
        {
            await Problem.Overloaded("Too many event streams are open", $"{door.Options.MaxEventStreams} event streams are open, as many as this silo keeps. Try again later, or read the saga's history.").WriteAsync(context);
            return;
        }

        try
        {
            await AnswerAsync(context, door, saga, after);
        }
        finally
        {
            door.EventStreams.Return(1);
        }
    }

    private static async Task AnswerAsync(HttpContext context, FrontDoor door, SagaKey saga, long after)
    {
        if (await CountAfterAsync(door, saga, after, context.RequestAborted) is not { } count)
            await Problem.SagaNotFound(saga.Id).WriteAsync(context);
        else if (count == 0 && await HasEndedAsync(door, saga, context.RequestAborted) && await CountAfterAsync(door, saga, after, context.RequestAborted) is 0)
            context.Response.StatusCode = StatusCodes.Status204NoContent; // makes a browser's EventSource stop asking
        else
            await new EventStream(context, door).SendAsync(saga, after, context.RequestAborted);
    }

    // What these two read may be large, and is not kept while the stream is open. Between the two the saga may have gone on to its end: only what
    // is counted after that was seen is all.

    /// <summary>How many entries there are to tell, of which one is enough to know; null if there is no such saga.</summary>
    private static async Task<int?> CountAfterAsync(FrontDoor door, SagaKey saga, long after, CancellationToken cancellation) =>
        (await door.Sagas.HistoryAsync(saga, after, 1, cancellation))?.Items.Count;

    private static async Task<bool> HasEndedAsync(FrontDoor door, SagaKey saga, CancellationToken cancellation) =>
        await door.Sagas.GetAsync(saga, cancellation) is { EndedAt: not null };

    private static void Shape(
        string id,
        [FromHeader(Name = LastEventId.Header), Description("The revision that was seen last; goes before 'after'.")] long? lastEventId,
        [FromQuery, Description("Only what comes after this revision. Default: from the beginning.")] long? after)
    {
    }
}
