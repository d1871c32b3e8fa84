using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansSagas.Storage;

namespace OrleansSagas.Http.Problems;

/// <summary>Answers what is thrown with a problem that tells nothing of the inside.</summary>
internal sealed partial class SagaExceptionHandler(IProblemDetailsService problems, ILogger<SagaExceptionHandler> log) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken) =>
        problems.TryWriteAsync(
            new()
            {
                HttpContext = httpContext,
                ProblemDetails = ProblemOf(httpContext, exception, log),
                Exception = exception,
            }
        );

    public static SagaProblem ProblemOf(HttpContext context, Exception failure, ILogger log)
    {
        switch (failure)
        {
            case BadHttpRequestException bad:
                return Problem.OfBadRequest(bad, context.Request);
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
