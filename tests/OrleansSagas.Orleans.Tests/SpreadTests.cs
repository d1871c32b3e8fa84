using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.TestKit;

namespace OrleansSagas.Orleans.Tests;

/// <summary>Sagas that are woken go where there is room.</summary>
public sealed class SpreadTests
{
    private const int Room = 20;
    private const int Count = 30;

    [Fact]
    public async Task Wake_WhenMoreAreDueThanOneSiloHolds_SpreadsThemByRoom()
    {
        var (gate, waited) = (new Gate(), 0);
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(new RetryPolicy { MaxAttempts = 2, Delay = TimeSpan.FromSeconds(5) })
                        .Do(
                            (_, context) =>
                                context.Attempt > 1 ? gate.PassAsync()
                                : Interlocked.Increment(ref waited) > 0 ? throw new InvalidOperationException("not yet")
                                : Task.CompletedTask
                        )
            )
            .Build();
        await using var cluster = await new ClusterFixture(saga)
        {
            Options = options => (options.MaxActiveSagas, options.IdleAfter) = (Room, TimeSpan.FromSeconds(1)),
            Cluster = options => options.Partitions = 1,
        }.StartAsync(2);
        for (var silo = 0; silo < 2; silo++)
        {
            var (mine, other) = (cluster.Of<ClusterSilos>(silo), cluster.Silos[1 - silo].SiloAddress);
            await Wait.UntilAsync(() => mine.RoomAt(other) == Room, "each to know how much room the other has");
        }

        // One scheduler finds them all, and its own silo could hold two thirds of them.
        for (var i = 0; i < Count; i++)
            Assert.IsType<SagaResult.Accepted>(
                await cluster.SagasOf(i % 2).StartAsync(ClusterFixture.Start("job", $"w{i}"), CancellationToken.None)
            );
        await Wait.UntilAsync(() => waited == Count, "all of them to have failed once");
        await gate.Entered;
        await Wait.UntilAsync(() => cluster.Held() == Count, "all of them to be woken");

        for (var silo = 0; silo < 2; silo++)
            Assert.InRange(cluster.Of<SagaProcesses>(silo).ActiveSagas, Count - Room, Room);
        gate.Open();
        for (var i = 0; i < Count; i++)
            Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync($"w{i}", TimeSpan.FromSeconds(30))).Status);
    }
}
