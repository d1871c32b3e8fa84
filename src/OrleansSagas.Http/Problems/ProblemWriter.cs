using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace OrleansSagas.Http.Problems;

/// <summary>
/// Writes our problems, and says what to do of a bare status code. The framework's own writer has no body for whoever does not ask for
/// JSON.
/// </summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) =>
        context.ProblemDetails is SagaProblem
        || (context.ProblemDetails.GetType() == typeof(ProblemDetails) && context.ProblemDetails is { Type: null, Detail: null });

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails as SagaProblem);
        problem ??= Problem.OfStatus(context.ProblemDetails.Status ?? http.Response.StatusCode, http.Request.Method, http.Request.Path);
        return new(problem.ExecuteAsync(http));
    }
}
