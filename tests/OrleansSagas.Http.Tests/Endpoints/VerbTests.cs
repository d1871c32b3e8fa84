using System.Net;

namespace OrleansSagas.Http.Tests.Endpoints;

public sealed class VerbTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    public static TheoryData<string> Verbs => ["cancel", "terminate", "pause", "resume", "retry", "skip", "resolve"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Verb_WhenTheSagaIsUnknown_IsNotFound(string verb) =>
        await ProblemAssert.IsAsync(
            await silo.PostAsync($"/sagas/nobody/{verb}", """{"reason":"because"}"""),
            HttpStatusCode.NotFound,
            SagaProblems.SagaNotFound
        );

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Verb_WhenTheSagaHasEnded_IsNotPossible(string verb)
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(prefer: "wait=20"));
        await ProblemAssert.IsAsync(
            await silo.PostAsync($"/sagas/{view.Id}/{verb}", """{"reason":"because"}"""),
            HttpStatusCode.Conflict,
            SagaProblems.NotPossible
        );
    }

    [Theory]
    [InlineData("skip")]
    [InlineData("resolve")]
    public async Task Verb_WhenTheReasonIsMissing_IsRefused(string verb) =>
        await ProblemAssert.IsAsync(
            await silo.PostAsync($"/sagas/any/{verb}", null),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidRequest
        );

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"reason\":1}")]
    [InlineData("{\"actor\":{}}")]
    public async Task Verb_WhenTheBodyIsMalformed_IsRefused(string json) =>
        await ProblemAssert.IsAsync(
            await silo.PostAsync("/sagas/any/cancel", json),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidRequest
        );

    [Fact]
    public async Task Verb_WhenTheBodyIsAForm_IsUnsupported()
    {
        using var form = new FormUrlEncodedContent([]);
        await ProblemAssert.IsAsync(
            await silo.Client.PostAsync(new Uri("/sagas/any/cancel", UriKind.Relative), form),
            HttpStatusCode.UnsupportedMediaType,
            SagaProblems.UnsupportedMediaType
        );
    }

    [Fact]
    public async Task Verb_WhenTheReasonOrTheStepIsLong_IsRefused()
    {
        await ProblemAssert.IsAsync(
            await silo.PostAsync("/sagas/any/cancel", $$"""{"reason":"{{new string('r', 2_001)}}"}"""),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidRequest
        );
        await ProblemAssert.IsAsync(
            await silo.PostAsync("/sagas/any/cancel", $$"""{"actor":"{{new string('a', 257)}}"}"""),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidRequest
        );
    }

    [Fact]
    public async Task PauseAndResume_AnswerWithTheStateAfterThem()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(behaviour: SiloFixture.Slow));
        Assert.Equal(SagaStatus.Paused, (await SiloFixture.ViewAsync(await silo.PostAsync($"/sagas/{view.Id}/pause", null))).Status);
        Assert.Equal(SagaStatus.Running, (await SiloFixture.ViewAsync(await silo.PostAsync($"/sagas/{view.Id}/resume", "{}"))).Status);
    }

    [Fact]
    public async Task Cancel_WithAKeyTwice_ActsOnce()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(behaviour: SiloFixture.Slow));
        var key = $"cancel-{view.Id}";
        const string body = """{"actor":"ada","reason":"changed her mind"}""";
        using var first = await silo.PostAsync($"/sagas/{view.Id}/cancel", body, key);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var ended = await silo.GetAsync($"/sagas/{view.Id}", ("Prefer", "wait=20"));
        Assert.Equal(SagaStatus.Cancelled, (await SiloFixture.ViewAsync(ended)).Status);

        using var again = await silo.PostAsync($"/sagas/{view.Id}/cancel", body, key);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(SagaStatus.Cancelled, (await SiloFixture.ViewAsync(again)).Status);
        await ProblemAssert.IsAsync(
            await silo.PostAsync($"/sagas/{view.Id}/cancel", "{}", key),
            HttpStatusCode.UnprocessableEntity,
            SagaProblems.KeyReused
        );

        var history = await (await silo.GetAsync($"/sagas/{view.Id}/history")).Content.ReadAsStringAsync();
        Assert.Contains("\"actor\":\"ada\"", history, StringComparison.Ordinal);
        Assert.Contains("changed her mind", history, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminate_EndsItAsItIs()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(behaviour: SiloFixture.Slow));
        using var response = await silo.PostAsync($"/sagas/{view.Id}/terminate", null);
        Assert.Equal(SagaStatus.Terminated, (await SiloFixture.ViewAsync(response)).Status);
    }
}
