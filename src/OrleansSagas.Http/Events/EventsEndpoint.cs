using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Events;

/// <summary><c>GET /sagas/{id}/events</c>: the history as it comes.</summary>
internal static class EventsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints
            .MapGet("/sagas/{id}/events", WatchAsync)
            .WithName("WatchSaga")
            .WithSummary("Streams what happens to a saga until it has ended, as server-sent events.")
            .Refuses(400, 404, 503);

    private static async Task<Results<EventStream, NoContent, SagaProblem>> WatchAsync(
        WatchRequest request,
        EventStreams streams,
        SagaService sagas,
        HttpContext context
    )
    {
        var place = streams.Limiter.AttemptAcquire();
        context.Response.RegisterForDispose(place);
        if (!place.IsAcquired)
            return Problem.Overloaded(
                "Too many event streams are open",
                $"{streams.Options.Value.MaxEventStreams} event streams are open, as many as this silo keeps. Try again later, or read "
                    + "the saga's history."
            );

        var (saga, after, cancellation) = (new SagaKey(request.Id), request.From, context.RequestAborted);
        if (await CountAfterAsync(sagas, saga, after, cancellation) is not { } count)
            return Problem.SagaNotFound(saga.Id);
        // No content makes a browser's EventSource stop asking.
        return count == 0 && await HasEndedAsync(sagas, saga, cancellation) && await CountAfterAsync(sagas, saga, after, cancellation) is 0
            ? TypedResults.NoContent()
            : new EventStream(streams, saga, after);
    }

    // What these two read may be large, and is not kept while the stream is open. Between the two the saga may have gone on to its end:
    // only what is counted after that was seen is all.

    /// <summary>How many entries there are to tell, of which one is enough to know; null if there is no such saga.</summary>
    private static async Task<int?> CountAfterAsync(SagaService sagas, SagaKey saga, long after, CancellationToken cancellation) =>
        (await sagas.HistoryAsync(saga, after, 1, cancellation))?.Items.Count;

    private static async Task<bool> HasEndedAsync(SagaService sagas, SagaKey saga, CancellationToken cancellation) =>
        await sagas.GetAsync(saga, cancellation) is { EndedAt: not null };
}
