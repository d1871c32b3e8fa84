using System.Net;

namespace OrleansSagas.Http.Tests.Endpoints;

public sealed class EventsTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Events_OfAnEndedSaga_AreAllThereAndThenTheStreamEnds()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(prefer: "wait=20"));
        using var response = await silo.GetAsync($"/sagas/{view.Id}/events");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal("no", Assert.Single(response.Headers.GetValues("X-Accel-Buffering")));
        Assert.Equal(Enumerable.Range(1, (int)view.Revision).Select(i => $"id: {i}"), await IdsAsync(response));
    }

    [Fact]
    public async Task Events_WhenResumed_GoOnAfterTheLastOneSeen()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(prefer: "wait=20"));
        var all = Enumerable.Range(1, (int)view.Revision).Select(i => $"id: {i}").ToList();
        Assert.Equal(all[2..], await IdsAsync(await silo.GetAsync($"/sagas/{view.Id}/events", ("Last-Event-ID", "2"))));
        Assert.Equal(all[3..], await IdsAsync(await silo.GetAsync($"/sagas/{view.Id}/events?after=3")));
        Assert.Equal(all[2..], await IdsAsync(await silo.GetAsync($"/sagas/{view.Id}/events?after=3", ("Last-Event-ID", "2"))));
    }

    [Fact]
    public async Task Events_WhenResumedPastTheEnd_HaveNoContent()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(prefer: "wait=20"));
        foreach (var last in new[] { view.Revision, view.Revision + 1, long.MaxValue })
            Assert.Equal(
                HttpStatusCode.NoContent,
                (await silo.GetAsync($"/sagas/{view.Id}/events", ("Last-Event-ID", $"{last}"))).StatusCode
            );
    }

    [Fact]
    public async Task Events_OfARunningSaga_ComeAsTheyHappen()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(behaviour: SiloFixture.Slow));
        using var response = await silo.GetAsync($"/sagas/{view.Id}/events");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        await ReadUntilAsync(reader, line => line == "id: 4");
        using var cancelled = await silo.PostAsync($"/sagas/{view.Id}/terminate", null);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        await ReadUntilAsync(reader, line => line == "event: ended");
        await ReadUntilAsync(reader, line => line is null);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    public async Task Events_WhenTheLastEventIdIsMalformed_AreRefused(string last) =>
        await ProblemAssert.IsAsync(
            await silo.GetAsync("/sagas/any/events", ("Last-Event-ID", last)),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidRequest
        );

    [Fact]
    public async Task Events_WhenNothingHappens_ShowASignOfLife_AndEndWithTheSilo()
    {
        var own = new SiloFixture("--Sagas:Http:Heartbeat", "00:00:01", "--Sagas:Http:MaxEventStreams", "1");
        await own.InitializeAsync();
        try
        {
            var view = await SiloFixture.ViewAsync(await own.StartAsync(behaviour: SiloFixture.Slow));
            using var response = await own.GetAsync($"/sagas/{view.Id}/events");
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            await ReadUntilAsync(reader, line => line == ":");

            using var second = await own.GetAsync($"/sagas/{view.Id}/events");
            await ProblemAssert.IsAsync(second, HttpStatusCode.ServiceUnavailable, SagaProblems.Overloaded);
            Assert.NotNull(second.Headers.RetryAfter);

            var stopped = own.BeginStopAsync();
            await ReadUntilAsync(reader, line => line is null);
            await stopped.WaitAsync(TimeSpan.FromSeconds(20));
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private static async Task<List<string>> IdsAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync().WaitAsync(TimeSpan.FromSeconds(20));
        return [.. text.Split('\n').Where(line => line.StartsWith("id: ", StringComparison.Ordinal))];
    }

    private static async Task ReadUntilAsync(StreamReader reader, Func<string?, bool> found)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        string? line;
        do line = await reader.ReadLineAsync(deadline.Token);
        while (!found(line) && line is not null);
        Assert.True(found(line), "The stream ended before what was waited for came.");
    }
}
