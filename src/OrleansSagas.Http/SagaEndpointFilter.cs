using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http;

/// <summary>
/// Lets a handler see good requests only, and answers with a problem where it fails, whatever the application does with exceptions.
/// </summary>
internal sealed class SagaEndpointFilter(ILogger<SagaEndpointFilter> log) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.Arguments[0] is SagaRequest { Refusal: { } refusal })
            return refusal;
        try
        {
            return await next(context);
        }
        catch (Exception failure)
        {
            // Nobody is there to be answered where the request was aborted. What was accepted goes on.
            return context.HttpContext.RequestAborted.IsCancellationRequested
                ? TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest)
                : SagaExceptionHandler.ProblemOf(context.HttpContext, failure, log);
        }
    }
}
