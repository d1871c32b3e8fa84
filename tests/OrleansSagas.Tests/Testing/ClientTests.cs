using OrleansSagas.Testing;

namespace OrleansSagas.Tests.Testing;

/// <summary>The client's interface over a host: what it answers is what the client over HTTP would.</summary>
public sealed class ClientTests : IAsyncLifetime
{
    private readonly Agency _agency = new();
    private SagaTestHost _host = null!;

    private ISagaClient Client => _host.Client;

    public async ValueTask InitializeAsync() => _host = await Trips.HostAsync(_agency);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Start_WhenRequestIdIsRepeated_NamesTheSameSaga()
    {
        var options = new StartOptions { RequestId = "r-1", CorrelationId = "c-1" };

        var first = await Client.StartAsync("trip", new Trip("Anna"), options);
        var second = await Client.StartAsync("trip", new Trip("Anna"), options);

        Assert.Equal(first.Id, second.Id);
        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => Client.StartAsync("trip", new Trip("Bert"), options));
    }

    [Fact]
    public async Task Call_WhenItIsRefused_ThrowsWhatTheClientThrows()
    {
        var saga = await Client.StartAsync("trip", new Trip("Anna"), new StartOptions { Id = new SagaId("mine") });

        await Assert.ThrowsAsync<SagaExistsException>(() =>
            Client.StartAsync("trip", new Trip("Bert"), new StartOptions { Id = new SagaId("mine") })
        );
        await Assert.ThrowsAsync<UnknownSagaTypeException>(() => Client.StartAsync("cruise", new Trip("Anna")));
        await Assert.ThrowsAsync<UnknownSagaTypeException>(() =>
            Client.StartAsync("trip", new Trip("Anna"), new StartOptions { Version = 2 })
        );
        var invalid = await Assert.ThrowsAsync<InvalidSagaRequestException>(() => Client.StartAsync("trip", new { Traveller = 7 }));
        Assert.StartsWith(
            "Could not start a saga of type 'trip': The body is not the data of a saga of type 'trip': ",
            invalid.Message,
            StringComparison.Ordinal
        );
        await Assert.ThrowsAsync<SagaNotPossibleException>(() => saga.CancelAsync());
        await Assert.ThrowsAsync<SagaNotFoundException>(() => Client.Get(new SagaId("nobody")).GetAsync());
        await Assert.ThrowsAsync<SagaNotFoundException>(() => Client.Get(new SagaId("nobody")).CancelAsync());
        await Assert.ThrowsAsync<SagaNotFoundException>(() => Client.Get(new SagaId("nobody")).WaitAsync());
        await Assert.ThrowsAsync<InvalidSagaRequestException>(() => saga.SkipAsync(" "));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => saga.WaitAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task Cancel_WhenTheSagaRuns_IsUndoneAndNoted()
    {
        _host.Faults.Step("book-flight").TimesOut();
        var saga = await Client.StartAsync("trip", new Trip("Anna"));

        var view = await saga.CancelAsync("ill", "anna");

        Assert.Equal(SagaEndReason.Cancelled, view.Reason);
        Assert.Equal(SagaStatus.Cancelled, (await saga.WaitAsync()).Status);
        Assert.Empty(_agency.Standing);
        var history = new List<SagaHistoryEntry>();
        await foreach (var entry in saga.HistoryAsync())
            history.Add(entry);
        Assert.Contains(history, entry => entry is { Event: "turned-back", Actor: "anna" });
    }

    [Fact]
    public async Task Watch_WhenTheSagaTakesItsTime_GivesEveryEntryAsTheClockMoves()
    {
        _host.Faults.Step("book-flight").Fails(3);
        var saga = await Client.StartAsync("trip", new Trip("Anna"));
        var seen = new List<(long Revision, string Event)>();

        await foreach (var entry in saga.WatchAsync())
            seen.Add((entry.Revision, entry.Event));

        Assert.Equal(
            [
                "started",
                "step-succeeded",
                "attempt-failed",
                "attempt-failed",
                "attempt-failed",
                "step-succeeded",
                "step-succeeded",
                "ended",
            ],
            seen.Select(entry => entry.Event)
        );
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (long)i), seen.Select(entry => entry.Revision));
        await foreach (var entry in saga.WatchAsync(8))
            Assert.Fail($"{entry.Event} after the end.");
    }

    [Fact]
    public async Task List_WhenThereArePages_GivesAllThatMeetTheFilter()
    {
        for (var i = 0; i < 7; i++)
            await _host.RunAsync("trip", new Trip(i % 2 == 0 ? "Anna" : "Bert"));

        var found = new List<string>();
        await foreach (
            var saga in Client.ListAsync(
                new SagaFilter
                {
                    Tags = new Dictionary<string, string> { ["traveller"] = "Anna" },
                    PageSize = 2,
                }
            )
        )
            found.Add(saga.Id.Value);

        Assert.Equal(["saga-7", "saga-5", "saga-3", "saga-1"], found);
    }

    [Fact]
    public async Task Wait_WhenItIsCancelled_EndsAndTheSagaGoesOn()
    {
        _host.Faults.Step("book-flight").Fails();
        var saga = await Client.StartAsync("trip", new Trip("Anna"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            saga.WaitAsync(cancellationToken: new CancellationToken(canceled: true))
        );

        Assert.Equal(SagaStatus.Completed, (await saga.WaitAsync()).Status);
    }
}
