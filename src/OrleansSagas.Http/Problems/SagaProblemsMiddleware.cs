using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansSagas.Http.Problems;

/// <summary>Gives every refusal of an application a problem (RFC 9457) as its body, also those that the framework makes.</summary>
public static class SagaProblemsMiddleware
{
    /// <summary>
    /// Answers what comes out of the rest of the pipeline as a bare 4xx or 5xx, or as an exception, with a problem that tells nothing of
    /// the inside.
    /// </summary>
    public static IApplicationBuilder UseSagaProblems(this IApplicationBuilder app)
    {
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(SagaProblemsMiddleware));
        return app.Use(next => context => InvokeAsync(context, next, log));
    }

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next, ILogger log)
    {
        try
        {
            await next(context);
        }
        catch (Exception failure)
        {
            await Failures.AnswerAsync(context, failure, log);
            return;
        }

        var response = context.Response;
        if (
            response.StatusCode >= 400
            && !response.HasStarted
            && response.ContentLength is null
            && response.ContentType is null
            && !context.RequestAborted.IsCancellationRequested
        )
            await Problem.OfStatus(response.StatusCode, context.Request.Method, context.Request.Path).WriteAsync(context);
    }
}
