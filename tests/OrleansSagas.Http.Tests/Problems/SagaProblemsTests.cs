using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansSagas.Http.Tests.Endpoints;
using OrleansSagas.Storage;

namespace OrleansSagas.Http.Tests.Problems;

/// <summary>What an application's own endpoints refuse, with <c>AddSagaProblems</c>.</summary>
public sealed class SagaProblemsTests
{
    [Theory]
    [InlineData("/nothing", 404, ProblemAssert.Blank)]
    [InlineData("/busy", 503, SagaProblems.Unavailable)]
    [InlineData("/store", 503, SagaProblems.Unavailable)]
    [InlineData("/slow", 408, ProblemAssert.Blank)]
    [InlineData("/large", 413, SagaProblems.TooLarge)]
    [InlineData("/bad", 400, SagaProblems.InvalidRequest)]
    [InlineData("/defect", 500, ProblemAssert.Blank)]
    [InlineData("/own", 409, "urn:own")]
    public async Task Refusal_OfAnEndpoint_IsAProblemWhateverIsAccepted(string path, int status, string type)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSagaProblems();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapGet("/busy", () => TypedResults.StatusCode(503));
        app.MapGet("/store", Throws(new StoreException("Secret")));
        app.MapGet("/slow", Throws(new BadHttpRequestException("Slow", 408)));
        app.MapGet("/large", Throws(new BadHttpRequestException("Large", 413)));
        app.MapGet("/bad", Throws(new BadHttpRequestException("Bad")));
        app.MapGet("/defect", Throws(new InvalidOperationException("Secret")));
        app.MapGet("/own", () => TypedResults.Problem("My own words.", type: "urn:own", statusCode: 409));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Accept.Add(new(path == "/own" ? "application/json" : "text/html"));

        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        var detail = await ProblemAssert.IsAsync(answer, (HttpStatusCode)status, type);
        Assert.DoesNotContain("Secret", detail, StringComparison.Ordinal);
        Assert.Equal(type == SagaProblems.Unavailable, answer.Headers.RetryAfter is not null);
        Assert.Equal(path == "/own", detail == "My own words.");
    }

    private static RequestDelegate Throws(Exception failure) => _ => throw failure;
}
