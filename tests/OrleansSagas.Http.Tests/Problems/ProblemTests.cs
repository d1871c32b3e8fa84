using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Tests.Problems;

public sealed class ProblemTests
{
    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refused_EachRefusalHasAStatusAndAType(string refusal)
    {
        var problem = Problem.Refused(Enum.Parse<SagaRefusal>(refusal), "why");
        Assert.InRange(problem.Status!.Value, 400, 503);
        Assert.StartsWith("urn:orleanssagas:problem:", problem.Type, StringComparison.Ordinal);
        Assert.Equal(problem.Status == 503, problem.RetryAfter is not null);
    }

    [Fact]
    public async Task ExecuteAsync_HasTheMembersOfRfc9457AndRetryAfterInWholeSeconds()
    {
        var context = new DefaultHttpContext();
        var body = new MemoryStream();
        context.Response.Body = body;

        await Problem.Refused(SagaRefusal.Overloaded, "it's full", TimeSpan.FromSeconds(1.2), sagaType: "order").ExecuteAsync(context);

        Assert.Equal("2", context.Response.Headers.RetryAfter);
        Assert.Equal("application/problem+json", context.Response.ContentType);
        var json = JsonDocument.Parse(body.ToArray()).RootElement;
        Assert.Equal(SagaProblems.Overloaded, json.GetProperty("type").GetString());
        Assert.Equal(503, json.GetProperty("status").GetInt32());
        Assert.Equal("it's full", json.GetProperty("detail").GetString());
        Assert.Equal("order", json.GetProperty("sagaType").GetString());
        Assert.Equal(["type", "title", "status", "detail", "sagaType"], json.EnumerateObject().Select(member => member.Name));
        Assert.Contains("it's full", System.Text.Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void OfStatus_WhenThePathIsLong_ShowsTheBeginningOnly() =>
        Assert.InRange(Problem.OfStatus(404, "GET", "/" + new string('x', 10_000)).Detail!.Length, 1, 300);

    public static TheoryData<string> Refusals() => [.. Enum.GetNames<SagaRefusal>()];
}
