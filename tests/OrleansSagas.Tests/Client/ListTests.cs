namespace OrleansSagas.Tests.Client;

public sealed class ListTests
{
    private readonly Script _server = new();

    [Fact]
    public async Task List_PagesToTheEndWithTheSameFilter()
    {
        _server
            .Then(new SagaPage([Some.Summary("c"), Some.Summary("b")], "x&y"), SagaJsonContext.Default.SagaPage)
            .Then(new SagaPage([], "z"), SagaJsonContext.Default.SagaPage)
            .Then(new SagaPage([Some.Summary("a")], null), SagaJsonContext.Default.SagaPage);

        var sagas = await Some.ListAsync(
            _server
                .Client()
                .ListAsync(
                    new SagaFilter
                    {
                        Type = "order",
                        Status = SagaStatus.Stuck,
                        CorrelationId = "c 1",
                        Tags = new Dictionary<string, string> { ["customer"] = "4:2", ["city"] = "Köln" },
                        StartedFrom = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.FromHours(2)),
                        PageSize = 2,
                    }
                )
        );

        Assert.Equal(["c", "b", "a"], sagas.Select(saga => saga.Id.Value));
        const string First =
            "GET /base/sagas?type=order&status=Stuck&correlationId=c%201&startedFrom=2030-01-01T00%3A00%3A00.0000000%2B02%3A00&limit=2"
            + "&tag=customer%3A4%3A2&tag=city%3AK%C3%B6ln";
        Assert.Equal([First, First + "&after=x%26y", First + "&after=z"], _server.Requests.Select(asked => asked.Line));
    }

    [Fact]
    public async Task List_ReadInPart_FetchesNoMoreThanIsRead()
    {
        _server.Then(new SagaPage([Some.Summary("a")], "x"), SagaJsonContext.Default.SagaPage);
        await foreach (var saga in _server.Client().ListAsync())
            break;
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task List_WhenThePageNeverMoves_StopsInsteadOfGoingRound()
    {
        var page = new SagaPage([Some.Summary("a")], "x");
        _server.Then(page, SagaJsonContext.Default.SagaPage).Then(page, SagaJsonContext.Default.SagaPage);
        await Assert.ThrowsAsync<SagaClientException>(() => Some.ListAsync(_server.Client().ListAsync()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void List_WithAPageSizeThatIsNone_IsRefused(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _server.Client().ListAsync(new SagaFilter { PageSize = size }));

    [Fact]
    public async Task History_PagesToTheEnd()
    {
        _server
            .Then(new SagaHistory([Some.Entry(6), Some.Entry(7)], 7), SagaJsonContext.Default.SagaHistory)
            .Then(new SagaHistory([Some.Entry(8)], null), SagaJsonContext.Default.SagaHistory);

        var entries = await Some.ListAsync(_server.Client().Get(new SagaId("s1")).HistoryAsync(5));

        Assert.Equal([6, 7, 8], entries.Select(entry => entry.Revision));
        Assert.Equal(
            ["GET /base/sagas/s1/history?after=5&limit=1000", "GET /base/sagas/s1/history?after=7&limit=1000"],
            _server.Requests.Select(asked => asked.Line)
        );
    }

    [Fact]
    public async Task History_WhenThePageNeverMoves_StopsInsteadOfGoingRound()
    {
        var page = new SagaHistory([Some.Entry(1)], 1);
        _server.Then(page, SagaJsonContext.Default.SagaHistory).Then(page, SagaJsonContext.Default.SagaHistory);
        await Assert.ThrowsAsync<SagaClientException>(() => Some.ListAsync(_server.Client().Get(new SagaId("s1")).HistoryAsync()));
    }
}
