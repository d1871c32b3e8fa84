using OrleansSagas.Engine.Tests;
using OrleansSagas.Orleans;

namespace OrleansSagas.Orleans.Tests;

/// <summary>The client for code inside the cluster keeps the promises of the SDK.</summary>
public sealed class ClientTests
{
    private static SagaDefinition Gated(Gate gate) =>
        Jobs.Define().Step("a", step => step.Do((_, context) => gate.PassAsync(context.Cancellation))).Build();

    private static async Task<(ClusterFixture Cluster, ISagaClient Client)> StartAsync(Gate gate)
    {
        var cluster = await new ClusterFixture(Gated(gate)).StartAsync(2);
        return (cluster, cluster.Client.Sagas());
    }

    [Fact]
    public async Task Start_WhenItIsWaitedFor_GivesTheEndAndItsHistory()
    {
        var gate = new Gate();
        var (cluster, client) = await StartAsync(gate);
        await using var _ = cluster;
        var saga = await client.StartAsync("job", new Job("anna"), new StartOptions { Id = new SagaId("c1"), RequestId = "once" });
        var watch = Task.Run(async () =>
        {
            var names = new List<string>();
            await foreach (var entry in saga.WatchAsync())
                names.Add(entry.Event);
            return names;
        });
        await gate.Entered;
        gate.Open();
        Assert.Equal(SagaStatus.Completed, (await saga.WaitAsync(TimeSpan.FromSeconds(20))).Status);
        Assert.Equal(["started", "step-succeeded", "ended"], await watch.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(3, await saga.HistoryAsync().CountAsync());
        Assert.Equal(
            saga.Id,
            (await client.StartAsync("job", new Job("anna"), new StartOptions { Id = new SagaId("c1"), RequestId = "once" })).Id
        );
        Assert.Equal(["c1"], await client.ListAsync(new SagaFilter { Type = "job" }).Select(summary => summary.Id.Value).ToArrayAsync());
    }

    [Fact]
    public async Task Call_WhenItIsRefused_ThrowsWhatTheSdkThrows()
    {
        var gate = new Gate();
        var (cluster, client) = await StartAsync(gate);
        await using var _ = cluster;
        await Assert.ThrowsAsync<UnknownSagaTypeException>(() => client.StartAsync("nothing", new Job()));
        await Assert.ThrowsAsync<SagaNotFoundException>(() => client.Get(new SagaId("nobody")).GetAsync());
        await Assert.ThrowsAsync<SagaNotFoundException>(() => client.Get(new SagaId("nobody")).CancelAsync());
        var saga = await client.StartAsync("job", new Job(), new StartOptions { Id = new SagaId("c2"), RequestId = "first" });
        await Assert.ThrowsAsync<SagaExistsException>(() =>
            client.StartAsync("job", new Job(), new StartOptions { Id = new SagaId("c2"), RequestId = "second" })
        );
        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() =>
            client.StartAsync("job", new Job("other"), new StartOptions { RequestId = "first" })
        );
        await Assert.ThrowsAsync<SagaWaitTimeoutException>(() => saga.WaitAsync(TimeSpan.FromMilliseconds(200)));
        await saga.CancelAsync("no longer wanted", "anna");
        Assert.Equal(SagaStatus.Cancelled, (await saga.WaitAsync(TimeSpan.FromSeconds(20))).Status);
        await Assert.ThrowsAsync<SagaNotPossibleException>(() => saga.CancelAsync());
    }
}
