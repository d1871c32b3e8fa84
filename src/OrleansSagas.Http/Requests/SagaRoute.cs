using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Requests;

/// <summary>The saga that a path names.</summary>
internal static class SagaRoute
{
    public static bool TryRead(HttpContext context, out SagaKey saga, [NotNullWhen(false)] out SagaProblem? problem)
    {
        var text = context.Request.RouteValues["id"] as string;
        var valid = SagaId.TryParse(text, out var id);
        saga = valid ? new SagaKey(id) : default;
        problem = valid ? null : Problem.BadId(text);
        return valid;
    }
}
