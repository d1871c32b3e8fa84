using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Notifications;
using OrleansSagas.TestKit;

namespace OrleansSagas.Orleans.Tests;

/// <summary>What only a cluster can do: lose silos.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Every step is known to a service by its key, and takes a while.</summary>
    private static SagaDefinition Steps(TestService service, int steps, int milliseconds)
    {
        var saga = Jobs.Define();
        for (var i = 0; i < steps; i++)
            saga.Step(
                $"s{i}",
                step =>
                    step.Retry(new RetryPolicy { MaxAttempts = 10, Delay = TimeSpan.FromMilliseconds(20) })
                        .Do(
                            async (_, context) =>
                            {
                                await Task.Delay(milliseconds, context.Cancellation);
                                service.Do(context);
                            }
                        )
            );
        return saga.Build();
    }

    [Fact]
    public async Task Kill_WhenOneOfThreeSilosDiesUnderLoad_NothingIsLostOrDoubled()
    {
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("SAGAS_KILLS"), out var given) ? given : 2;
        var seed = Environment.TickCount;
        var (random, service) = (new Random(seed), new TestService());
        await using var cluster = await new ClusterFixture(Steps(service, 4, 25)).StartAsync(3);
        var accepted = new ConcurrentQueue<string>();
        using var over = new CancellationTokenSource();
        var actors = Enumerable.Range(0, 8).Select(actor => Task.Run(() => ActAsync(actor, new Random(seed + actor)))).ToArray();
        var slowest = TimeSpan.Zero;
        for (var round = 0; round < rounds; round++)
        {
            await Task.Delay(random.Next(500, 1_500));
            var victim = cluster.Silos[random.Next(cluster.Silos.Count)];
            var held = accepted
                .ToArray()
                .Where(id => victim.ServiceProvider.GetRequiredService<SagaProcesses>().Holds(new SagaKey(new SagaId(id))))
                .ToArray();
            var killed = Environment.TickCount64;
            await cluster.KillAsync(victim);
            foreach (var id in held)
                await cluster.EndAsync(id, Patience);
            var took = TimeSpan.FromMilliseconds(Environment.TickCount64 - killed);
            slowest = took > slowest ? took : slowest;
            output.WriteLine($"Round {round}: {held.Length} sagas of the dead silo had ended {took.TotalSeconds:0.0} s after the kill.");
            await cluster.AddAsync();
        }

        await over.CancelAsync();
        await Task.WhenAll(actors);
        foreach (var id in accepted)
        {
            Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync(id, Patience)).Status);
            var history = await cluster.Store.ReadHistoryAsync(new SagaKey(new SagaId(id)), 0, 100, CancellationToken.None);
            Assert.Equal(4, history!.Count(entry => entry.Name == "step-succeeded"));
            Assert.True(
                Enumerable.Range(0, 4).All(step => service.Stands($"default/{id}/s{step}/1/do")),
                $"Seed {seed}: a step of {id} was not done."
            );
        }

        Assert.Equal(1, service.MostApplied);
        output.WriteLine($"Seed {seed}: {accepted.Count} sagas, {rounds} kills, the slowest recovery {slowest.TotalSeconds:0.0} s.");

        async Task ActAsync(int actor, Random mine)
        {
            for (var i = 0; !over.IsCancellationRequested; i++)
            {
                var id = $"{actor}-{i}";
                while (true)
                {
                    var answer = await StartAsync(id, mine);
                    if (answer is SagaResult.Accepted)
                        break;
                    var refused = Assert.IsType<SagaResult.Refused>(answer);
                    Assert.True(
                        refused.Refusal == SagaRefusal.Unavailable,
                        $"Seed {seed}: the start of {id} was refused: {refused.Refusal} {refused.Detail}"
                    );
                    await Task.Delay(50);
                }

                accepted.Enqueue(id);
                await Task.Delay(mine.Next(0, 20));
            }
        }

        async Task<SagaResult> StartAsync(string id, Random mine)
        {
            try
            {
                return await cluster
                    .AnySagas(mine)
                    .StartAsync(ClusterFixture.Start("job", id, requestId: id), CancellationToken.None)
                    .WaitAsync(Patience);
            }
            catch (ObjectDisposedException)
            {
                // The door of a silo that is no more.
                return new SagaResult.Refused(SagaRefusal.Unavailable, "The connection broke.");
            }
        }
    }

    [Fact]
    public async Task Restart_WhenTheSilosAreReplacedOneByOne_NoAttemptIsLost()
    {
        var service = new TestService();
        await using var cluster = await new ClusterFixture(Steps(service, 40, 100)).StartAsync(3);
        var random = new Random(1);
        for (var i = 0; i < 60; i++)
            Assert.IsType<SagaResult.Accepted>(
                await cluster.AnySagas(random).StartAsync(ClusterFixture.Start("job", $"r{i}"), CancellationToken.None)
            );
        foreach (var old in cluster.Silos.ToArray())
        {
            await cluster.AddAsync();
            await cluster.StopAsync(old);
        }

        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync($"r{i}", Patience)).Status);
            var history = await cluster.Store.ReadHistoryAsync(new SagaKey(new SagaId($"r{i}")), 0, 200, CancellationToken.None);
            Assert.DoesNotContain(history!, entry => entry.Name == "attempt-failed");
        }

        Assert.Equal(1, service.MostApplied);
    }

    [Fact]
    public async Task Wait_WhenManySagasWait_NoneIsInMemory()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("SAGAS_WAITING"), out var given) ? given : 2_000;
        var saga = Jobs.Define().Step("a", step => step.Retry(Jobs.Far).Do((_, _) => throw new TimeoutException())).Build();
        await using var cluster = await new ClusterFixture(saga) { Options = options => options.MaxActiveSagas = 200_000 }.StartAsync(2);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 128 },
            async (i, _) =>
                Assert.IsType<SagaResult.Accepted>(
                    await cluster.SagasOf(i % 2).StartAsync(ClusterFixture.Start("job", $"w{i}"), CancellationToken.None)
                )
        );
        await Wait.UntilAsync(() => cluster.Held() == 0, "no saga in memory");
        var page = await cluster
            .SagasOf(0)
            .ListAsync(new Storage.SagaQuery { Status = SagaStatus.Running, Limit = 1_000 }, CancellationToken.None);
        Assert.Equal(Math.Min(count, 1_000), page.Items.Count);
    }

    [Fact]
    public async Task Watch_WhenTheSagaIsHeldByAnotherSilo_IsTold()
    {
        // The clock stands still, so nobody looks into the store without being told.
        var (time, gate) = (new ManualTime(), new Gate());
        var saga = Jobs.Define().Step("a", step => step.Do((_, _) => gate.PassAsync())).Build();
        await using var cluster = await new ClusterFixture(saga)
        {
            Runtime = new SagaRuntime(TaskScheduler.Default, time, SagaRuntime.System.Ids),
        }.StartAsync(2);
        Assert.IsType<SagaResult.Accepted>(
            await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", "watched"), CancellationToken.None)
        );
        var key = new SagaKey(new SagaId("watched"));
        Assert.True(cluster.Of<SagaProcesses>(0).Holds(key));
        var seen = Task.Run(async () =>
        {
            var names = new List<string>();
            await foreach (var entry in cluster.SagasOf(1).WatchAsync(key, 0, CancellationToken.None))
                names.Add(entry.Event);
            return names;
        });
        await Wait.UntilAsync(() => cluster.Of<ClusterWatch>(0).IsWatched(key), "the watcher to be known at the saga's silo");
        gate.Open();
        Assert.Equal(["started", "step-succeeded", "ended"], await seen.WaitAsync(Patience));
    }

    [Fact]
    public async Task Watch_WhenTheSagaEndsJustAsItBegins_IsToldAllTheSame()
    {
        // Here too nobody looks into the store without being told.
        var (time, gates) = (new ManualTime(), new ConcurrentDictionary<string, Gate>());
        var saga = Jobs.Define().Step("a", step => step.Do((job, _) => gates[job.Name].PassAsync())).Build();
        await using var cluster = await new ClusterFixture(saga)
        {
            Runtime = new SagaRuntime(TaskScheduler.Default, time, SagaRuntime.System.Ids),
        }.StartAsync(2);
        for (var round = 0; round < 50; round++)
        {
            var (id, gate) = ($"just-{round}", new Gate());
            gates[id] = gate;
            Assert.IsType<SagaResult.Accepted>(
                await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", id), CancellationToken.None)
            );
            await gate.Entered;
            var waiting = cluster.SagasOf(1).WaitAsync(new SagaKey(new SagaId(id)), TimeSpan.FromMinutes(1), CancellationToken.None);
            gate.Open();
            Assert.Equal(SagaStatus.Completed, (await waiting.WaitAsync(Patience))!.Status);
        }
    }

    [Fact]
    public async Task Watch_WhenTheSilosOfTheSagaAndOfTheWatcherDie_MissesNothing()
    {
        await using var cluster = await new ClusterFixture(Steps(new TestService(), 30, 100)).StartAsync(3);
        var key = new SagaKey(new SagaId("followed"));
        Assert.IsType<SagaResult.Accepted>(
            await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", "followed"), CancellationToken.None)
        );
        var (holder, watching, other) = (cluster.Silos[0], cluster.Silos[1], cluster.SagasOf(2));
        Assert.True(cluster.Of<SagaProcesses>(0).Holds(key));

        var seen = new List<SagaHistoryEntry>();
        await foreach (var entry in watching.ServiceProvider.GetRequiredService<SagaService>().WatchAsync(key, 0, CancellationToken.None))
        {
            seen.Add(entry);
            if (seen.Count == 5)
                await cluster.KillAsync(holder);
            if (seen.Count > 8 && seen.Any(adopted => adopted.Event == "adopted"))
                break;
        }

        // What a client does when the connection to its silo breaks: it goes on at another one, after the last entry that it has.
        await cluster.KillAsync(watching);
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var entry in other.WatchAsync(key, seen[^1].Revision, patience.Token))
            seen.Add(entry);
        Assert.Equal("ended", seen[^1].Event);
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(revision => (long)revision), seen.Select(entry => entry.Revision));
        Assert.Equal(30, seen.Count(entry => entry.Event == "step-succeeded"));
    }

    [Fact]
    public async Task Start_WhenOneRequestComesToAllSilosAtOnce_IsOneSaga()
    {
        var service = new TestService();
        await using var cluster = await new ClusterFixture(Steps(service, 1, 5)).StartAsync(3);
        for (var round = 0; round < 20; round++)
        {
            var requestId = $"request {round}/{round}";
            var answers = await Task.WhenAll(
                Enumerable
                    .Range(0, 9)
                    .Select(i =>
                        cluster
                            .SagasOf(i % 3)
                            .StartAsync(ClusterFixture.Start("job", "x", requestId) with { Id = null }, CancellationToken.None)
                    )
            );
            Assert.Single(answers.Select(answer => Assert.IsType<SagaResult.Accepted>(answer).View.Id).Distinct());
        }

        var page = await cluster.SagasOf(0).ListAsync(new Storage.SagaQuery { Limit = 1_000 }, CancellationToken.None);
        Assert.Equal(20, page.Items.Count);
    }

    [Fact]
    public async Task Verb_WhenAStepRunsForLong_IsTakenMeanwhile()
    {
        var gate = new Gate();
        var saga = Jobs.Define().Step("a", step => step.Do((_, context) => gate.PassAsync(context.Cancellation))).Build();
        await using var cluster = await new ClusterFixture(saga).StartAsync(2);
        Assert.IsType<SagaResult.Accepted>(
            await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", "long"), CancellationToken.None)
        );
        await gate.Entered;
        Assert.IsType<SagaResult.Accepted>(
            await cluster
                .SagasOf(1)
                .ActAsync(
                    new OperatorCommand { Saga = new SagaKey(new SagaId("long")), Verb = OperatorAction.Cancel },
                    CancellationToken.None
                )
        );
        Assert.Equal(SagaStatus.Cancelled, (await cluster.EndAsync("long", Patience)).Status);
    }

    [Fact]
    public async Task Deactivate_WhenAnActivationIsTakenAway_TheNextOneGoesOn()
    {
        var gates = new[] { new Gate(), new Gate() };
        var calls = 0;
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(Jobs.AtOnce(3))
                        .Do((_, context) => gates[Math.Min(1, Interlocked.Increment(ref calls) - 1)].PassAsync(context.Cancellation))
            )
            .Build();
        await using var cluster = await new ClusterFixture(saga).StartAsync(2);
        Assert.IsType<SagaResult.Accepted>(
            await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", "taken"), CancellationToken.None)
        );
        await gates[0].Entered;
        await cluster.DeactivateAsync(new SagaKey(new SagaId("taken")));
        await gates[1].Entered;
        gates[1].Open();
        Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync("taken", Patience)).Status);
    }
}
