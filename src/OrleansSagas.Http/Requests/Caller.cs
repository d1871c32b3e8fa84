using Microsoft.AspNetCore.Http;

namespace OrleansSagas.Http.Requests;

internal static class Caller
{
    /// <summary>The name of the authenticated caller; null when nobody is.</summary>
    public static string? NameOf(HttpContext context) =>
        context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name : null;
}
