using Microsoft.AspNetCore.Authorization;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Silo.Access;

/// <summary>Holds every request to the <see cref="AccessRules"/>.</summary>
internal static class AccessMiddleware
{
    public static void UseAccess(this WebApplication app, AccessRules rules)
    {
        if (rules.Keys.Count == 0)
            app.Use(next => context => LocalCaller.Refusal(context.Request) is { } problem ? problem.WriteAsync(context) : next(context));
        else
            UseKeys(app, new KeyRing(rules.Keys));
    }

    private static void UseKeys(WebApplication app, KeyRing ring) => app.Use(next => context =>
    {
        var authorization = context.Request.Headers.Authorization;
        if (ring.Find(authorization.Count == 1 ? authorization[0] : null) is { } caller)
            context.User = caller;
        else if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
            return ChallengeAsync(context, isWrong: authorization.Count > 0);
        return next(context);
    });

    private static Task ChallengeAsync(HttpContext context, bool isWrong)
    {
        context.Response.Headers.WWWAuthenticate = isWrong ? "Bearer realm=\"OrleansSagas\", error=\"invalid_token\"" : "Bearer realm=\"OrleansSagas\"";
        return new SagaProblem(
            StatusCodes.Status401Unauthorized, SagaProblems.Unauthorized, "Not authorized",
            isWrong ? "The key in the Authorization header is not one that is configured here." : "Send Authorization: Bearer with a key that is configured here.").WriteAsync(context);
    }
}
