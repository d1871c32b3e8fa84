using System.Net;

namespace OrleansSagas.Tests.Client;

public sealed class WaitTests
{
    private readonly Script _server = new();

    private ISagaHandle Saga => _server.Client().Get(new SagaId("s1"));

    [Fact]
    public async Task Wait_AcrossLongPollsAndARestart_ReturnsTheEnd()
    {
        _server.ThenView().ThenView(SagaStatus.Waiting).Then(HttpStatusCode.ServiceUnavailable).ThenView(SagaStatus.Completed);

        var view = await Saga.WaitAsync();

        Assert.Equal(SagaStatus.Completed, view.Status);
        Assert.Equal(4, _server.Requests.Count);
        Assert.All(_server.Requests, asked => Assert.Equal(("GET /base/sagas/s1", "wait=20"), (asked.Line, asked["Prefer"])));
    }

    [Fact]
    public async Task Wait_WhenTheServerAnswersEarly_PausesBetweenPolls()
    {
        _server.ThenView().ThenView().ThenView(SagaStatus.Completed);
        await Saga.WaitAsync();
        Assert.Equal([TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(200)], _server.Clock.Skipped);
    }

    [Fact]
    public async Task Wait_WithTimeout_AsksForNoMoreThanIsLeftAndThenThrows()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.ThenView(SagaStatus.Waiting).ThenHangs(reached);
        var wait = Saga.WaitAsync(TimeSpan.FromSeconds(7));

        await reached.Task.Soon();
        _server.Clock.Fire(TimeSpan.FromSeconds(7));

        var failure = await Assert.ThrowsAsync<SagaWaitTimeoutException>(() => wait.Soon());
        Assert.Equal(["wait=7", "wait=6"], _server.Requests.Select(asked => asked["Prefer"]));
        Assert.Equal(new SagaId("s1"), failure.SagaId);
        Assert.Equal(SagaStatus.Waiting, failure.LastView!.Status);
    }

    [Fact]
    public async Task Wait_WithLessThanASecondLeft_AsksWithoutWaitingAndPauses()
    {
        _server.Clock.Skips = due => due == TimeSpan.FromMilliseconds(200);
        _server.ThenView().ThenView(SagaStatus.Completed);
        await Saga.WaitAsync(TimeSpan.FromMilliseconds(900)).Soon();
        Assert.All(_server.Requests, asked => Assert.Null(asked["Prefer"]));
        Assert.Single(_server.Clock.Skipped);
    }

    [Fact]
    public async Task Wait_WhenCancelled_StopsWithTheCallersToken()
    {
        using var stop = new CancellationTokenSource();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.ThenHangs(reached);
        var wait = Saga.WaitAsync(TimeSpan.FromHours(1), stop.Token);
        await reached.Task.Soon();
        await stop.CancelAsync();
        var stopped = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.Soon());
        Assert.Equal(stop.Token, stopped.CancellationToken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(25 * 24 * 3600)]
    public async Task Wait_WhenTimeoutMakesNoSense_IsRefused(int seconds) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Saga.WaitAsync(TimeSpan.FromSeconds(seconds)));
}
