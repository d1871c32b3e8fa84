using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Reading;
using OrleansSagas.Storage;

namespace OrleansSagas.Http.Tests;

/// <summary>An application that maps the endpoints and nothing else still gets problems from them.</summary>
public sealed class SagaEndpointFilterTests
{
    [Fact]
    public async Task InvokeAsync_WhenTheRequestIsRefused_DoesNotCallTheHandler()
    {
        var refusal = Problem.InvalidRequest("why");
        var answer = await InvokeAsync(new(default, null, null) { Refusal = refusal }, () => throw new InvalidOperationException());
        Assert.Same(refusal, answer);
    }

    [Theory]
    [InlineData("the store", 503)]
    [InlineData("a stop", 503)]
    [InlineData("a defect", 500)]
    public async Task InvokeAsync_WhenTheHandlerFails_IsAProblemThatTellsNothingOfTheInside(string failure, int status)
    {
        var answer = await InvokeAsync(
            Good(),
            () =>
                throw failure switch
                {
                    "the store" => new StoreException("Secret"),
                    "a stop" => new OperationCanceledException("Secret"),
                    _ => new InvalidOperationException("Secret"),
                }
        );
        var problem = Assert.IsType<SagaProblem>(answer);
        Assert.Equal(status, problem.Status);
        Assert.DoesNotContain("Secret", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(status == 503, problem.RetryAfter is not null);
        Assert.Equal(status == 500, problem.TraceId is not null);
    }

    [Fact]
    public async Task InvokeAsync_WhenTheCallerIsGone_AnswersNobody()
    {
        var answer = await InvokeAsync(Good(), () => throw new OperationCanceledException(), aborted: true);
        Assert.Equal(499, Assert.IsType<StatusCodeHttpResult>(answer).StatusCode);
    }

    private static HistoryRequest Good() => new(default, null, null);

    private static async Task<object?> InvokeAsync(HistoryRequest request, Func<object?> handler, bool aborted = false)
    {
        var context = new DefaultHttpContext { TraceIdentifier = "trace", RequestAborted = new CancellationToken(aborted) };
        return await new SagaEndpointFilter(NullLogger<SagaEndpointFilter>.Instance).InvokeAsync(
            EndpointFilterInvocationContext.Create(context, request),
            _ => ValueTask.FromResult(handler())
        );
    }
}
