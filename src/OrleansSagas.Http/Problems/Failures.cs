using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansSagas.Storage;

namespace OrleansSagas.Http.Problems;

/// <summary>Turns what was thrown into a problem that tells nothing of the inside.</summary>
internal static partial class Failures
{
    private const int ClientClosedRequest = 499;

    public static RequestDelegate Guard(RequestDelegate handler, ILogger log) =>
        async context =>
        {
            try
            {
                await handler(context);
            }
            catch (Exception failure)
            {
                await AnswerAsync(context, failure, log);
            }
        };

    public static Task AnswerAsync(HttpContext context, Exception failure, ILogger log)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered. What was accepted goes on.
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : ClientClosedRequest;
            return Task.CompletedTask;
        }

        var problem = ProblemOf(context, failure, log);
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        context.Response.Clear();
        return problem.WriteAsync(context);
    }

    private static SagaProblem ProblemOf(HttpContext context, Exception failure, ILogger log)
    {
        switch (failure)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Problem.OfStatus(413, context.Request.Method, context.Request.Path);
            case BadHttpRequestException bad when bad.StatusCode is 400:
                return Problem.InvalidRequest(bad.Message);
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return Problem.OfStatus(408, context.Request.Method, context.Request.Path) with
                {
                    Detail = "The body came too slowly. Send it faster, or less of it.",
                };
            case BadHttpRequestException bad:
                return Problem.OfStatus(bad.StatusCode, context.Request.Method, context.Request.Path) with { Detail = bad.Message };
            case OperationCanceledException:
                return Problem.Unavailable("The silo is stopping. Repeat the request with the same Idempotency-Key.");
            case StoreException store:
                LogStoreFailed(log, context.Request.Method, store);
                return Problem.Unavailable("The store does not answer. Repeat the request with the same Idempotency-Key.");
            default:
                var traceId = Activity.Current?.Id ?? context.TraceIdentifier;
                LogUnexpected(log, context.Request.Method, traceId, failure);
                return Problem.Internal(traceId);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A {Method} request was answered with a 503: the store does not answer.")]
    private static partial void LogStoreFailed(ILogger log, string method, Exception failure);

    [LoggerMessage(2, LogLevel.Error, "A {Method} request failed unexpectedly. Trace id {TraceId}.")]
    private static partial void LogUnexpected(ILogger log, string method, string traceId, Exception failure);
}
