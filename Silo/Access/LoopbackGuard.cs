using System.Net;
using System.Security.Claims;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Silo.Access;

/// <summary>What holds while there are no keys: a web page that someone on this machine looks at must not speak for them.</summary>
internal static class LoopbackGuard
{
    /// <summary>Whoever it is: one who may call, and who has no name.</summary>
    private static ClaimsPrincipal Someone { get; } = new(new ClaimsIdentity(authenticationType: "Local"));

    /// <summary>The middleware.</summary>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Refusal(context.Request) is { } problem)
            return problem.ExecuteAsync(context);
        context.User = Someone;
        return next(context);
    }

    /// <summary>Why the request is not answered; null when it is.</summary>
    public static SagaProblem? Refusal(HttpRequest request)
    {
        // A page whose own name was made to point here (DNS rebinding) still sends its own name.
        if (!IsLocalName(request.Host.Host))
        {
            return new(
                StatusCodes.Status421MisdirectedRequest,
                SagaProblems.InvalidRequest,
                "Not the name of this machine",
                "While no access is configured the silo answers to localhost, 127.0.0.1 and [::1] only. Use one of them, or configure "
                    + "Access:ApiKeys."
            );
        }
        return ForeignRefusal(request);
    }

    /// <summary>
    /// Why something that a page of another origin sends is not taken; null where it may be read, or does not come from there.
    /// </summary>
    public static SagaProblem? ForeignRefusal(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || !IsFromElsewhere(request)
            ? null
            : new(
                StatusCodes.Status403Forbidden,
                SagaProblems.Unauthorized,
                "Not from another site",
                "What a web page of another origin sends is taken only with Authorization: Bearer and a key that is configured in "
                    + "Access:ApiKeys."
            );

    internal static bool IsLocalName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));

    private static bool IsFromElsewhere(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0 && site != "same-origin" && site != "none")
            return true;
        var origin = request.Headers.Origin;
        return origin.Count > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
    }
}
