using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Reading;

/// <summary><c>GET /sagas/{id}</c>, its history, and <c>GET /sagas</c>.</summary>
internal static class ReadEndpoints
{
    private const int DefaultLimit = 50;
    private const int DefaultHistoryLimit = 100;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints
            .MapGet("/sagas", ListAsync)
            .WithName("ListSagas")
            .WithSummary("Lists sagas, newest first; every condition that is given must hold.")
            .Refuses(400, 503);
        endpoints.MapGet("/sagas/{id}", GetAsync).WithName("GetSaga").WithSummary("Reads a saga.").Refuses(400, 404, 503);
        endpoints
            .MapGet("/sagas/{id}/history", HistoryAsync)
            .WithName("GetSagaHistory")
            .WithSummary("Reads what happened to a saga, oldest first.")
            .Refuses(400, 404, 503);
    }

    private static async Task<Results<SagaJson<SagaView>, SagaProblem>> GetAsync(
        GetRequest request,
        SagaService sagas,
        IHostApplicationLifetime host,
        HttpContext context
    )
    {
        var view =
            request.Wait > TimeSpan.Zero
                ? await WaitAsync(sagas, new(request.Id), request.Wait.Value, host.ApplicationStopping, context.RequestAborted)
                : await sagas.GetAsync(new(request.Id), context.RequestAborted);
        if (view is null)
            return Problem.SagaNotFound(request.Id);
        if (request.Wait is { } wait)
            PreferHeader.Apply(context.Response, wait);
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{view.Revision}\"");
        return new SagaJson<SagaView>(view, SagaJsonContext.Default.SagaView);
    }

    private static async Task<SagaView?> WaitAsync(
        SagaService sagas,
        SagaKey saga,
        TimeSpan wait,
        CancellationToken stopping,
        CancellationToken aborted
    )
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping);
        try
        {
            return await sagas.WaitAsync(saga, wait, waiting.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // Shutting down: the caller gets the saga as it stands and can wait elsewhere.
            return await sagas.GetAsync(saga, aborted);
        }
    }

    private static async Task<Results<SagaJson<SagaHistory>, SagaProblem>> HistoryAsync(
        HistoryRequest request,
        SagaService sagas,
        CancellationToken cancellation
    ) =>
        await sagas.HistoryAsync(new(request.Id), request.After ?? 0, request.Limit ?? DefaultHistoryLimit, cancellation) is { } history
            ? new SagaJson<SagaHistory>(history, SagaJsonContext.Default.SagaHistory)
            : Problem.SagaNotFound(request.Id);

    private static async Task<Results<SagaJson<SagaPage>, SagaProblem>> ListAsync(
        ListRequest request,
        SagaService sagas,
        CancellationToken cancellation
    )
    {
        var query = new Storage.SagaQuery
        {
            Type = request.Type,
            Status = request.Status,
            CorrelationId = request.CorrelationId,
            Tags = request.Tags,
            StartedFrom = request.StartedFrom,
            StartedBefore = request.StartedBefore,
            After = request.After,
            Limit = request.Limit ?? DefaultLimit,
        };
        try
        {
            return new SagaJson<SagaPage>(await sagas.ListAsync(query, cancellation), SagaJsonContext.Default.SagaPage);
        }
        catch (FormatException)
        {
            return Problem.InvalidRequest(
                "The query parameter 'after' is not the 'next' of a page of this list. Leave it out to begin anew."
            );
        }
    }
}
