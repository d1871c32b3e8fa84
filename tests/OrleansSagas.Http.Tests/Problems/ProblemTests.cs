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
        Assert.InRange(problem.Status, 400, 503);
        Assert.StartsWith("urn:orleanssagas:problem:", problem.Type, StringComparison.Ordinal);
        Assert.Equal(problem.Status == 503, problem.RetryAfter is not null);
    }

    [Fact]
    public async Task WriteAsync_HasTheMembersOfRfc9457AndRetryAfterInWholeSeconds()
    {
        var context = new DefaultHttpContext();
        var body = new MemoryStream();
        context.Response.Body = body;

        await (Problem.Refused(SagaRefusal.Overloaded, "it's full", TimeSpan.FromSeconds(1.2)) with { SagaType = "order" }).WriteAsync(
            context
        );

        Assert.Equal("2", context.Response.Headers.RetryAfter);
        Assert.Equal("application/problem+json", context.Response.ContentType);
        var json = JsonDocument.Parse(body.ToArray()).RootElement;
        Assert.Equal(SagaProblems.Overloaded, json.GetProperty("type").GetString());
        Assert.Equal(503, json.GetProperty("status").GetInt32());
        Assert.Equal("it's full", json.GetProperty("detail").GetString());
        Assert.Equal("order", json.GetProperty("sagaType").GetString());
        Assert.False(json.TryGetProperty("sagaId", out _));
    }

    [Fact]
    public void OfStatus_WhenThePathIsLong_ShowsTheBeginningOnly() =>
        Assert.InRange(Problem.OfStatus(404, "GET", "/" + new string('x', 10_000)).Detail.Length, 1, 300);

    public static TheoryData<string> Refusals() => [.. Enum.GetNames<SagaRefusal>()];
}
