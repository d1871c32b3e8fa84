using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Health;

/// <summary><c>GET /health/live</c> and <c>GET /health/ready</c>.</summary>
internal static class HealthEndpoints
{
    public static void Map(RouteGroupBuilder group, EndpointServices services)
    {
        group
            .MapGet("/health/live", services, context => OkAsync(context, services, "live"))
            .Describe("LiveHealth", "Whether the process serves at all.", Shape)
            .Answers<HealthAnswer>(200)
            .AllowAnonymous();
        group
            .MapGet("/health/ready", services, context => ReadyAsync(context, services))
            .Describe("ReadyHealth", "Whether sagas can be started now.", Shape)
            .Answers<HealthAnswer>(200)
            .Refuses(503)
            .AllowAnonymous();
    }

    private static Task ReadyAsync(HttpContext context, EndpointServices services)
    {
        var why = services.Stopping.IsCancellationRequested
            ? "The silo is stopping."
            : services.Sagas.Problem ?? services.Sagas.DefinitionProblem;
        if (why is null)
            return OkAsync(context, services, "ready");
        // A probe carries no key, and need not know why; what names servers and files is for those who may call.
        return Problem
            .Unavailable(context.User.Identity is { IsAuthenticated: true } ? why : "Sagas cannot be started now; the log says why.")
            .WriteAsync(context);
    }

    private static Task OkAsync(HttpContext context, EndpointServices services, string status)
    {
        context.Response.Headers.CacheControl = "no-store";
        return JsonAnswer.WriteAsync(
            context,
            services,
            StatusCodes.Status200OK,
            new HealthAnswer(status),
            HealthJsonContext.Default.HealthAnswer
        );
    }

    private static void Shape() { }
}
