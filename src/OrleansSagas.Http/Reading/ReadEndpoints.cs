using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Reading;

/// <summary><c>GET /sagas/{id}</c>, its history, and <c>GET /sagas</c>.</summary>
internal static class ReadEndpoints
{
    private const int MaxLimit = 1000;
    private const int DefaultHistoryLimit = 100;

    public static void Map(RouteGroupBuilder group, EndpointServices services)
    {
        group
            .MapGet("/sagas", services, context => ListAsync(context, services))
            .Describe("ListSagas", "Lists sagas, newest first; every condition that is given must hold.", ListShape)
            .Answers<SagaPage>(200)
            .Refuses(400, 503);
        group
            .MapGet("/sagas/{id}", services, context => GetAsync(context, services))
            .Describe("GetSaga", "Reads a saga.", GetShape)
            .Answers<SagaView>(200)
            .Refuses(400, 404, 503);
        group
            .MapGet("/sagas/{id}/history", services, context => HistoryAsync(context, services))
            .Describe("GetSagaHistory", "Reads what happened to a saga, oldest first.", HistoryShape)
            .Answers<SagaHistory>(200)
            .Refuses(400, 404, 503);
    }

    private static async Task GetAsync(HttpContext context, EndpointServices services)
    {
        if (!SagaRoute.TryRead(context, out var saga, out var problem))
        {
            await problem.WriteAsync(context);
            return;
        }

        var wait = PreferHeader.ReadWait(context.Request.Headers[PreferHeader.Name], services.Options.MaxWait);
        var view =
            wait > TimeSpan.Zero
                ? await WaitAsync(context, services, saga, wait.Value)
                : await services.Sagas.GetAsync(saga, context.RequestAborted);
        if (view is null)
        {
            await Problem.SagaNotFound(saga.Id).WriteAsync(context);
            return;
        }

        if (wait is not null)
            PreferHeader.Apply(context.Response, wait.Value);
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{view.Revision}\"");
        await JsonAnswer.WriteAsync(context, services, StatusCodes.Status200OK, view, SagaJsonContext.Default.SagaView);
    }

    private static async Task<SagaView?> WaitAsync(HttpContext context, EndpointServices services, SagaKey saga, TimeSpan wait)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, services.Stopping);
        try
        {
            return await services.Sagas.WaitAsync(saga, wait, waiting.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // Shutting down: the caller gets the saga as it stands and can wait elsewhere.
            return await services.Sagas.GetAsync(saga, context.RequestAborted);
        }
    }

    private static async Task HistoryAsync(HttpContext context, EndpointServices services)
    {
        if (
            !SagaRoute.TryRead(context, out var saga, out var problem)
            || !TryReadHistoryQuery(context.Request, out var after, out var limit, out problem)
        )
        {
            await problem.WriteAsync(context);
            return;
        }

        if (await services.Sagas.HistoryAsync(saga, after, limit, context.RequestAborted) is { } history)
            await JsonAnswer.WriteAsync(context, services, StatusCodes.Status200OK, history, SagaJsonContext.Default.SagaHistory);
        else
            await Problem.SagaNotFound(saga.Id).WriteAsync(context);
    }

    private static bool TryReadHistoryQuery(
        HttpRequest request,
        out long after,
        out int limit,
        [NotNullWhen(false)] out SagaProblem? problem
    )
    {
        var query = new QueryReader(request.Query);
        after = query.Number("after", 0, long.MaxValue) ?? 0;
        limit = (int)(query.Number("limit", 1, MaxLimit) ?? DefaultHistoryLimit);
        problem = query.Error is null ? null : Problem.InvalidRequest(query.Error);
        return problem is null;
    }

    private static async Task ListAsync(HttpContext context, EndpointServices services)
    {
        if (!ListQuery.TryRead(context.Request.Query, MaxLimit, out var query, out var error))
        {
            await Problem.InvalidRequest(error).WriteAsync(context);
            return;
        }

        SagaPage page;
        try
        {
            page = await services.Sagas.ListAsync(query, context.RequestAborted);
        }
        catch (FormatException)
        {
            await Problem
                .InvalidRequest("The query parameter 'after' is not the 'next' of a page of this list. Leave it out to begin anew.")
                .WriteAsync(context);
            return;
        }
        await JsonAnswer.WriteAsync(context, services, StatusCodes.Status200OK, page, SagaJsonContext.Default.SagaPage);
    }

    private static void GetShape(
        string id,
        [FromHeader(Name = PreferHeader.Name), Description("wait=N answers when the saga has ended, after N seconds at the latest.")]
            string? prefer
    ) { }

    private static void HistoryShape(
        string id,
        [FromQuery, Description("Only what came after this revision.")] long? after,
        [FromQuery, Description("At most so many entries, 1 to 1000. Default: 100.")] int? limit
    ) { }

    private static void ListShape(
        [FromQuery] string? type,
        [FromQuery] SagaStatus? status,
        [FromQuery] string? correlationId,
        [FromQuery, Description("name:value; may be repeated.")] string[]? tag,
        [FromQuery, Description("Started then or later (ISO 8601).")] DateTimeOffset? startedFrom,
        [FromQuery, Description("Started before (ISO 8601).")] DateTimeOffset? startedBefore,
        [FromQuery, Description("At most so many, 1 to 1000. Default: 50.")] int? limit,
        [FromQuery, Description("The 'next' of the page before.")] string? after
    ) { }
}
