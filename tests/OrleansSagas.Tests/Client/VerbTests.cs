using System.Net;
using System.Text.Json;

namespace OrleansSagas.Tests.Client;

public sealed class VerbTests
{
    private readonly Script _server = new();

    [Theory]
    [InlineData("cancel")]
    [InlineData("terminate")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("retry")]
    [InlineData("skip")]
    [InlineData("resolve")]
    public async Task Verb_SendsWhoWhyAndWhere(string verb)
    {
        var saga = _server.ThenView(SagaStatus.Compensating).Client().Get(new SagaId("o:1"));
        var hasStep = verb is "retry" or "skip" or "resolve";

        var view = await (
            verb switch
            {
                "cancel" => saga.CancelAsync("why", "ann"),
                "terminate" => saga.TerminateAsync("why", "ann"),
                "pause" => saga.PauseAsync("why", "ann"),
                "resume" => saga.ResumeAsync("why", "ann"),
                "retry" => saga.RetryAsync("why", "pay", "ann"),
                "skip" => saga.SkipAsync("why", "pay", "ann"),
                _ => saga.ResolveAsync("why", "pay", "ann"),
            }
        );

        Assert.Equal(SagaStatus.Compensating, view.Status);
        var asked = Assert.Single(_server.Requests);
        Assert.Equal($"POST /base/sagas/o%3A1/{verb}", asked.Line);
        Assert.Equal(
            new OperatorRequest
            {
                Actor = "ann",
                Reason = "why",
                Step = hasStep ? "pay" : null,
            },
            JsonSerializer.Deserialize(asked.Body!, SagaJsonContext.Default.OperatorRequest)
        );
    }

    [Fact]
    public async Task Verb_WhenUnavailableThenUp_RepeatsWithTheSameKey()
    {
        var saga = _server.Then(HttpStatusCode.ServiceUnavailable).ThenView().Client().Get(new SagaId("s1"));
        await saga.CancelAsync();
        Assert.Equal(2, _server.Requests.Count);
        Assert.Single(_server.Requests.Select(asked => asked["Idempotency-Key"]).Distinct());
        Assert.NotNull(_server.Requests[0]["Idempotency-Key"]);
    }

    [Fact]
    public async Task Verb_WithTheCallersRequestId_SendsIt()
    {
        var saga = _server.ThenView().Client().Get(new SagaId("s1"));
        await saga.ActAsync(OperatorAction.Cancel, requestId: "r1");
        Assert.Equal("\"r1\"", _server.Requests[0]["Idempotency-Key"]);
    }
}
