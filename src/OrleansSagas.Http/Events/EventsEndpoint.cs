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
        var open = new StreamCount(door.Options.MaxEventStreams);
        group.MapGet("/sagas/{id}/events", door, context => StreamAsync(context, door, open))
            .Describe("WatchSaga", "Streams what happens to a saga until it has ended, as server-sent events.", Shape)
            .Answers<SagaHistoryEntry>(200, "text/event-stream").AnswersNothing(204)
            .Refuses(400, 404, 503);
    }

    private static async Task StreamAsync(HttpContext context, FrontDoor door, StreamCount open)
    {
        if (!SagaRoute.TryRead(context, out var saga, out var problem) || !LastEventId.TryRead(context.Request, out var after, out problem))
        {
            await problem.WriteAsync(context);
            return;
        }
        if (!open.TryEnter())
        {
            await (Problem.Overloaded($"{door.Options.MaxEventStreams} event streams are open, as many as this silo keeps. Try again later, or read the saga's history.")
                with
            { Title = "Too many event streams are open" }).WriteAsync(context);
            return;
        }

        try
        {
            await AnswerAsync(context, door, saga, after);
        }
        finally
        {
            open.Leave();
        }
    }

    private static async Task AnswerAsync(HttpContext context, FrontDoor door, SagaKey saga, long after)
    {
        var view = await door.Sagas.GetAsync(saga, context.RequestAborted);
        if (view is null)
            await Problem.SagaNotFound(saga.Id).WriteAsync(context);
        else if (view.Status.IsTerminal() && after >= view.Revision)
            context.Response.StatusCode = StatusCodes.Status204NoContent; // makes a browser's EventSource stop asking
        else
            await new EventStream(context.Response, door).SendAsync(saga, after, context.RequestAborted);
    }

    private static void Shape(
        string id,
        [FromHeader(Name = LastEventId.Header), Description("The revision that was seen last; goes before 'after'.")] long? lastEventId,
        [FromQuery, Description("Only what comes after this revision. Default: from the beginning.")] long? after)
    {
    }
}
