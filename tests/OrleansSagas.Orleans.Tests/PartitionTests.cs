using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Orleans;
using OrleansSagas.TestKit;

namespace OrleansSagas.Orleans.Tests;

/// <summary>Two halves of a cluster that know nothing of each other, and one store: only its guard is left.</summary>
public sealed class PartitionTests(ITestOutputHelper output)
{
    private const int Steps = 12;
    private const int Sagas = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Partition_WhenASagaHasTwoActivations_OneCommitsAndTheOtherLetsGo()
    {
        var (gates, cancelled, calls) = (new[] { new Gate(), new Gate() }, new TaskCompletionSource(), 0);
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(Jobs.AtOnce(3))
                        .Do(
                            async (_, context) =>
                            {
                                var call = Interlocked.Increment(ref calls) - 1;
                                if (call == 0)
                                    context.Cancellation.Register(() => cancelled.TrySetResult());
                                await gates[Math.Min(call, 1)].PassAsync();
                            }
                        )
            )
            .Build();
        var directory = new SplitDirectory();
        await using var cluster = await new ClusterFixture(saga) { Directory = directory }.StartAsync(2);
        Assert.IsType<SagaResult.Accepted>(await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", "two"), CancellationToken.None));
        await gates[0].Entered;

        // Silo 1 takes the saga over while silo 0 still runs its step.
        var key = new SagaKey(new SagaId("two"));
        directory.Split();
        await cluster.Of<IGrainFactory>(1).Saga(key).WakeAsync();
        await gates[1].Entered;
        Assert.True(cluster.Of<SagaProcesses>(0).Holds(key) && cluster.Of<SagaProcesses>(1).Holds(key), "The saga has two owners now.");

        // The answer that silo 0 gets now loses the race. It is a success, though, so it is not thrown away: the owner that had it lets go,
        // and the next one, loaded from what is durable, takes it.
        gates[0].Open();
        await cancelled.Task.WaitAsync(Patience);
        gates[1].Open();
        Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync("two", Patience)).Status);
        var history = await cluster.Store.ReadHistoryAsync(key, 0, 100, CancellationToken.None);
        Assert.Equal(["started", "adopted", "attempt-failed"], history!.Select(entry => entry.Name).Take(3));
        Assert.Single(history!, entry => entry.Name == "step-succeeded");
        Assert.Equal(Enumerable.Range(1, history!.Count).Select(revision => (long)revision), history.Select(entry => entry.Revision));
    }

    [Fact]
    public async Task Partition_WhenBothHalvesGoOnWithManySagas_EachStepStandsOnce()
    {
        var service = new TestService();
        var saga = Jobs.Define();
        for (var i = 0; i < Steps; i++)
            saga.Step(
                $"s{i}",
                step =>
                    step.Retry(new RetryPolicy { MaxAttempts = 20, Delay = TimeSpan.FromMilliseconds(5) })
                        .Do(
                            async (_, context) =>
                            {
                                await Task.Delay(20, context.Cancellation);
                                service.Do(context);
                            }
                        )
            );
        var directory = new SplitDirectory();
        await using var cluster = await new ClusterFixture(saga.Build()) { Directory = directory }.StartAsync(2);
        for (var i = 0; i < Sagas; i++)
            Assert.IsType<SagaResult.Accepted>(
                await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", $"p{i}"), CancellationToken.None)
            );

        directory.Split();
        var doubled = 0;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < Sagas; i++)
            {
                // Both halves are told to go on: each saga has an activation here and there.
                var key = new SagaKey(new SagaId($"p{i}"));
                await Task.WhenAll(cluster.Of<IGrainFactory>(0).Saga(key).WakeAsync(), cluster.Of<IGrainFactory>(1).Saga(key).WakeAsync());
                if (cluster.Of<SagaProcesses>(0).Holds(key) && cluster.Of<SagaProcesses>(1).Holds(key))
                    doubled++;
            }
        }

        for (var i = 0; i < Sagas; i++)
        {
            Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync($"p{i}", Patience)).Status);
            var history = await cluster.Store.ReadHistoryAsync(new SagaKey(new SagaId($"p{i}")), 0, 1_000, CancellationToken.None);
            Assert.Equal(Steps, history!.Count(entry => entry.Name == "step-succeeded"));
            Assert.Equal(Enumerable.Range(1, history!.Count).Select(revision => (long)revision), history.Select(entry => entry.Revision));
        }

        output.WriteLine($"{doubled} times a saga had two owners.");
        Assert.True(doubled > 0, "No saga ever had two owners: nothing was tested.");
        Assert.Equal(1, service.MostApplied);
        await Wait.UntilAsync(() => cluster.Held() == 0, "no saga in memory");
    }
}
