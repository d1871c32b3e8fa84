using Microsoft.AspNetCore.Authorization;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Silo.Access;

/// <summary>Holds every request to the <see cref="AccessRules"/>.</summary>
internal static class AccessMiddleware
{
    public static void UseAccess(this WebApplication app, AccessRules rules)
    {
        if (rules.Keys.Count == 0)
            UseLocalCallers(app);
        else
            UseKeys(app, new KeyRing(rules.Keys));
    }

    private static void UseLocalCallers(WebApplication app) =>
        app.Use(next =>
            context =>
            {
                if (LoopbackGuard.Refusal(context.Request) is { } problem)
                    return problem.WriteAsync(context);
                context.User = LoopbackGuard.Someone;
                return next(context);
            }
        );

    private static void UseKeys(WebApplication app, KeyRing ring) =>
        app.Use(next =>
            context =>
            {
                var authorization = context.Request.Headers.Authorization;
                var sent = authorization.Count == 1 ? authorization[0] : null;
                if (ring.Find(sent) is { } caller)
                {
                    // What a browser sends by itself is no proof that its user meant it.
                    if (KeyRing.IsOfABrowser(sent) && LoopbackGuard.ForeignRefusal(context.Request) is { } problem)
                        return problem.WriteAsync(context);
                    context.User = caller;
                }
                else if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
                {
                    return ChallengeAsync(context, isWrong: authorization.Count > 0);
                }
                return next(context);
            }
        );

    private static Task ChallengeAsync(HttpContext context, bool isWrong)
    {
        var bearer = isWrong ? "Bearer realm=\"OrleansSagas\", error=\"invalid_token\"" : "Bearer realm=\"OrleansSagas\"";
        // A person at a browser is asked for the key; a program is not led to think that there are passwords.
        context.Response.Headers.WWWAuthenticate = IsForAPage(context.Request)
            ? new string[] { bearer, "Basic realm=\"OrleansSagas\", charset=\"UTF-8\"" }
            : bearer;
        return new SagaProblem(
            StatusCodes.Status401Unauthorized,
            SagaProblems.Unauthorized,
            "Not authorized",
            isWrong
                ? "The key in the Authorization header is not one that is configured here."
                : "Send Authorization: Bearer with a key that is configured here."
        ).WriteAsync(context);
    }

    private static bool IsForAPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
