using System.Net;
using System.Text;

namespace OrleansSagas.Tests.Client;

public sealed class WatchTests
{
    private readonly Script _server = new();

    private ISagaHandle Saga => _server.Client().Get(new SagaId("s1"));

    private static IEnumerable<long> Revisions(IEnumerable<SagaHistoryEntry> entries) => entries.Select(entry => entry.Revision);

    [Fact]
    public async Task Watch_ToTheEnd_GivesEveryEntryAndEnds()
    {
        _server.ThenEvents(": hello\n\n" + Some.Events(1, 3)).Then(HttpStatusCode.NoContent);

        var entries = await Some.ListAsync(Saga.WatchAsync());

        Assert.Equal([1, 2, 3], Revisions(entries));
        Assert.Equal("pay", entries[0].Body.As<Dictionary<string, string>>()!["step"]);
        Assert.Equal("GET /base/sagas/s1/events", _server.Requests[0].Line);
        Assert.Null(_server.Requests[0]["Last-Event-ID"]);
        Assert.Equal("text/event-stream", _server.Requests[0]["Accept"]);
        Assert.Equal("3", _server.Requests[1]["Last-Event-ID"]);
        Assert.Empty(_server.Clock.Skipped);
    }

    [Fact]
    public async Task Watch_AfterARevision_AsksForWhatFollows()
    {
        _server.ThenEvents(Some.Events(8, 9)).Then(HttpStatusCode.NoContent);
        Assert.Equal([8, 9], Revisions(await Some.ListAsync(Saga.WatchAsync(7))));
        Assert.Equal("7", _server.Requests[0]["Last-Event-ID"]);
    }

    [Fact]
    public async Task Watch_WhenTheServerGivesEntriesAgain_GivesThemOnce()
    {
        _server.ThenEvents(Some.Events(1, 3)).ThenEvents(Some.Events(2, 5)).Then(HttpStatusCode.NoContent);
        Assert.Equal([1, 2, 3, 4, 5], Revisions(await Some.ListAsync(Saga.WatchAsync())));
    }

    [Fact]
    public async Task Watch_WhenAnEntryIsMissing_AsksAgainAndGivesAllInOrder()
    {
        _server.ThenEvents(Some.Events(1, 2) + Some.Events(4, 5)).ThenEvents(Some.Events(3, 5)).Then(HttpStatusCode.NoContent);
        Assert.Equal([1, 2, 3, 4, 5], Revisions(await Some.ListAsync(Saga.WatchAsync())));
        Assert.Equal("2", _server.Requests[1]["Last-Event-ID"]);
    }

    [Fact]
    public async Task Watch_WhenAnEntryStaysMissing_FailsInsteadOfSkippingIt()
    {
        for (var i = 0; i < 1000; i++)
            _server.ThenEvents(Some.Event(1) + Some.Event(3));
        var seen = new List<long>();
        var failure = await Assert.ThrowsAsync<SagaUnavailableException>(async () =>
        {
            await foreach (var entry in Saga.WatchAsync())
                seen.Add(entry.Revision);
        });
        Assert.Equal([1], seen);
        Assert.Contains("Revision 3 came after 1", failure.Message, StringComparison.Ordinal);
    }

    // Wherever the connection is cut, also in the middle of an entry or of a character, nothing is lost and nothing comes twice.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watch_WhenCutAtAnyByte_GoesOnWithoutGapOrRepeat(bool inGoodOrder)
    {
        var bytes = Encoding.UTF8.GetBytes(Some.Events(1, 3).Replace("pay", "zähl€", StringComparison.Ordinal));
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var server = new Script();
            server.Then(
                new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = Events(new CutStream(bytes.AsMemory(0, cut), inGoodOrder ? null : new IOException("cut"))),
                }
            );
            server.Then(_ =>
            {
                var last = int.Parse(server.Requests[^1]["Last-Event-ID"] ?? "0", System.Globalization.CultureInfo.InvariantCulture);
                return Task.FromResult(
                    last == 3
                        ? new HttpResponseMessage(HttpStatusCode.NoContent)
                        : new HttpResponseMessage(HttpStatusCode.OK)
                        {
                            Content = Events(new MemoryStream(Encoding.UTF8.GetBytes(Some.Events(last + 1, 3)))),
                        }
                );
            });
            server.Then(HttpStatusCode.NoContent);

            var entries = await Some.ListAsync(server.Client().Get(new SagaId("s1")).WatchAsync());

            Assert.True(Revisions(entries).SequenceEqual([1, 2, 3]), $"cut at byte {cut}: {string.Join(",", Revisions(entries))}");
        }
    }

    [Fact]
    public async Task Watch_WhenSilentForTooLong_OpensTheConnectionAnew()
    {
        var silent = new CutStream(Encoding.UTF8.GetBytes(Some.Event(1)), null) { ThenHangs = true };
        _server
            .Then(new HttpResponseMessage(HttpStatusCode.OK) { Content = Events(silent) })
            .ThenEvents(Some.Event(2))
            .Then(HttpStatusCode.NoContent);
        var watch = Some.ListAsync(Saga.WatchAsync());

        await silent.Hanging.Soon();
        _server.Clock.Fire(TimeSpan.FromSeconds(45));

        Assert.Equal([1, 2], Revisions(await watch.Soon()));
    }

    [Fact]
    public async Task Watch_WhenTheServerIsDownForAWhile_GoesOn()
    {
        _server
            .ThenEvents(Some.Event(1))
            .ThenFails(new HttpRequestException("refused"))
            .Then(HttpStatusCode.ServiceUnavailable)
            .ThenEvents(Some.Event(2))
            .Then(HttpStatusCode.NoContent);
        Assert.Equal([1, 2], Revisions(await Some.ListAsync(Saga.WatchAsync())));
        Assert.Equal("1", _server.Requests[3]["Last-Event-ID"]);
    }

    [Fact]
    public async Task Watch_WhenConnectionsKeepBreakingWithNothingGiven_GivesUp()
    {
        for (var i = 0; i < 1000; i++)
            _server.ThenEvents("");
        var failure = await Assert.ThrowsAsync<SagaUnavailableException>(() => Some.ListAsync(Saga.WatchAsync(5)));
        Assert.Contains("after revision 5", failure.Message, StringComparison.Ordinal);
        Assert.InRange(_server.Requests.Count, 80, 320);
    }

    [Fact]
    public async Task Watch_WhenNoSagaHasTheId_Throws()
    {
        _server.ThenProblem(HttpStatusCode.NotFound, SagaProblems.SagaNotFound);
        await Assert.ThrowsAsync<SagaNotFoundException>(() => Some.ListAsync(Saga.WatchAsync()));
    }

    [Theory]
    [InlineData("data: {\"revision\":\"x\"}\n\n", "text/event-stream")]
    [InlineData("data: null\n\n", "text/event-stream")]
    [InlineData("data: \n\n", "text/event-stream")]
    [InlineData("<html>", "text/html")]
    public async Task Watch_WhenTheAnswerIsGarbage_SaysSo(string body, string mediaType)
    {
        _server.Then(HttpStatusCode.OK, body, mediaType);
        var failure = await Assert.ThrowsAsync<SagaClientException>(() => Some.ListAsync(Saga.WatchAsync()));
        Assert.Contains("was not understood", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_WhenAnEntryIsTooLarge_NamesTheSetting()
    {
        var saga = _server
            .ThenEvents("data: " + new string('x', 100_000))
            .Client(options => options.MaxResponseSize = 1024)
            .Get(new SagaId("s1"));
        var failure = await Assert.ThrowsAsync<SagaClientException>(() => Some.ListAsync(saga.WatchAsync()));
        Assert.Contains("SagaClientOptions.MaxResponseSize", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_OfManySmallEntries_IsNotTooLarge()
    {
        var saga = _server
            .ThenEvents(Some.Events(1, 500))
            .Then(HttpStatusCode.NoContent)
            .Client(options => options.MaxResponseSize = 1024)
            .Get(new SagaId("s1"));
        Assert.Equal(500, (await Some.ListAsync(saga.WatchAsync())).Count);
    }

    [Fact]
    public async Task Watch_WhenCancelled_StopsAtOnce()
    {
        using var stop = new CancellationTokenSource();
        var silent = new CutStream(Encoding.UTF8.GetBytes(Some.Event(1)), null) { ThenHangs = true };
        _server.Then(new HttpResponseMessage(HttpStatusCode.OK) { Content = Events(silent) });
        var watch = Some.ListAsync(Saga.WatchAsync(cancellationToken: stop.Token));
        await silent.Hanging.Soon();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch.Soon());
        Assert.Single(_server.Requests);
    }

    private static StreamContent Events(Stream stream) => new(stream) { Headers = { ContentType = new("text/event-stream") } };
}
