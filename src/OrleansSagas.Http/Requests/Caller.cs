using System.Security.Claims;

namespace OrleansSagas.Http.Requests;

internal static class Caller
{
    /// <summary>The name of the authenticated caller; null when nobody is.</summary>
    public static string? NameOf(ClaimsPrincipal user) =>
        user.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name : null;

    /// <summary>In whose name the caller's request ids are used.</summary>
    public static string Of(ClaimsPrincipal user) => NameOf(user) ?? SagaCallers.Local;
}
