using Microsoft.AspNetCore.Http;

namespace OrleansSagas.Http.Requests;

internal static class Caller
{
    /// <summary>The name of the authenticated caller; null when nobody is.</summary>
    public static string? NameOf(HttpContext context) =>
        context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name : null;

    /// <summary>In whose name the caller's request ids are used.</summary>
    public static string Of(HttpContext context) => NameOf(context) ?? SagaCallers.Local;
}
