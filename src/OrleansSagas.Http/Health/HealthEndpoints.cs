using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Health;

/// <summary><c>GET /health/live</c> and <c>GET /health/ready</c>.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "live", "Whether the process serves at all.", static _ => false);
        Map(endpoints, "ready", "Whether sagas can be started now.", static check => check.Tags.Contains(SagaHealth.Ready)).Refuses(503);
    }

    private static IEndpointConventionBuilder Map(
        IEndpointRouteBuilder endpoints,
        string status,
        string summary,
        Func<HealthCheckRegistration, bool> predicate
    ) =>
        endpoints
            .MapHealthChecks(
                $"/health/{status}",
                new()
                {
                    Predicate = predicate,
                    ResponseWriter = (context, report) => AnswerOf(context, report, status).ExecuteAsync(context),
                }
            )
            // What the framework maps takes every method, and has nothing that the OpenAPI document could show.
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get]), ((Delegate)Described).Method)
            .WithName($"{char.ToUpperInvariant(status[0])}{status[1..]}Health")
            .WithSummary(summary)
            .WithTags("Health")
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(HealthAnswer), ["application/json"]))
            .AllowAnonymous();

    private static IResult AnswerOf(HttpContext context, HealthReport report, string status)
    {
        if (report.Status == HealthStatus.Healthy)
            return new SagaJson<HealthAnswer>(new(status), HealthJsonContext.Default.HealthAnswer);
        // A probe carries no key, and need not know why; what names servers and files is for those who may call.
        return Problem.Unavailable(
            context.User.Identity is { IsAuthenticated: true }
                ? string.Join(' ', report.Entries.Values.Select(entry => entry.Description).OfType<string>())
                : "Sagas cannot be started now; the log says why."
        );
    }

    private static void Described() { }
}
