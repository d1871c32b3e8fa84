using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http;

/// <summary>Maps a hand-written handler and says what it takes and answers, so that the OpenAPI document has it
/// although nothing binds parameters by reflection.</summary>
internal static class EndpointDescription
{
    private static readonly string[] Get = [HttpMethods.Get];
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] ProblemJson = [SagaProblem.ContentType];

    public static IEndpointConventionBuilder MapGet(
        this RouteGroupBuilder group,
        string pattern,
        EndpointServices services,
        RequestDelegate handler
    ) => group.MapMethods(pattern, Get, Failures.Guard(handler, services.Log));

    public static IEndpointConventionBuilder MapPost(
        this RouteGroupBuilder group,
        string pattern,
        EndpointServices services,
        RequestDelegate handler
    ) => group.MapMethods(pattern, Post, Failures.Guard(handler, services.Log));

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">Its operation id.</param>
    /// <param name="summary">What it does, in a sentence.</param>
    /// <param name="shape">A method that is never called: its parameters are what the handler reads.</param>
    public static IEndpointConventionBuilder Describe(
        this IEndpointConventionBuilder endpoint,
        string name,
        string summary,
        Delegate shape
    ) =>
        endpoint
            .WithName(name)
            .WithSummary(summary)
            .WithTags(name.EndsWith("Health", StringComparison.Ordinal) ? "Health" : "Sagas")
            .WithMetadata([shape.Method, .. shape.Method.GetParameters().Select(parameter => new ShapeParameter(parameter))]);

    public static IEndpointConventionBuilder Answers<T>(
        this IEndpointConventionBuilder endpoint,
        int status,
        string contentType = "application/json"
    ) => endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(T), [contentType]));

    public static IEndpointConventionBuilder AnswersNothing(this IEndpointConventionBuilder endpoint, int status) =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(void)));

    public static IEndpointConventionBuilder Refuses(this IEndpointConventionBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), ProblemJson));
        return endpoint;
    }
}
