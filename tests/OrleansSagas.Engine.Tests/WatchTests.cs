using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

public sealed class WatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static SagaDefinition Gated(Gate gate, int steps)
    {
        var saga = Jobs.Define().Step("gate", step => step.Do((_, _) => gate.PassAsync()));
        for (var i = 0; i < steps; i++)
            saga.Step($"s{i}", step => step.Do((_, _) => Task.CompletedTask));
        return saga.Build();
    }

    private static async Task<long[]> WatchAsync(EngineFixture engine, SagaId saga, long after)
    {
        var seen = new List<long>();
        await foreach (var entry in engine.Sagas.WatchAsync(new SagaKey(saga), after, CancellationToken.None))
            seen.Add(entry.Revision);
        return [.. seen];
    }

    [Fact]
    public async Task Watch_WhenASagaRuns_YieldsEveryEntryOnceInOrderAndEnds()
    {
        var gate = new Gate();
        await using var engine = await new EngineFixture(Gated(gate, 250)).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        var watchers = Enumerable.Range(0, 8).Select(_ => Task.Run(() => WatchAsync(engine, view.Id, 0))).ToArray();
        await gate.Entered;
        gate.Open();
        foreach (var watcher in watchers)
            Assert.Equal(Enumerable.Range(1, 253).Select(i => (long)i), await watcher.WaitAsync(Patience));
        Assert.Equal(new long[] { 251, 252, 253 }, await WatchAsync(engine, view.Id, 250));
        Assert.Empty(await WatchAsync(engine, view.Id, 253).WaitAsync(Patience));
        Assert.Empty(await WatchAsync(engine, view.Id, 999).WaitAsync(Patience));
        Assert.Empty(await WatchAsync(engine, new SagaId("nobody"), 0).WaitAsync(Patience));
    }

    [Fact]
    public async Task Wait_WhenTheSagaEnds_ReturnsAtOnce()
    {
        var gate = new Gate();
        await using var engine = await new EngineFixture(Gated(gate, 0)) { Time = new ManualTime() }.StartAsync();
        var start = engine.TryStartAsync("job", new Job(), id: "w", wait: TimeSpan.FromMinutes(1));
        await gate.Entered;
        var wait = engine.Sagas.WaitAsync(new SagaKey(new SagaId("w")), TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.False(wait.IsCompleted);
        gate.Open();
        Assert.Equal(SagaStatus.Completed, (await wait.WaitAsync(Patience))!.Status);
        Assert.Equal(SagaStatus.Completed, Assert.IsType<SagaResult.Accepted>(await start.WaitAsync(Patience)).View.Status);
    }

    [Fact]
    public async Task Start_WhenItWaitsForTheEndOfASagaThatIsHeldHere_ReadsNothing()
    {
        var (gate, loads) = (new Gate(), 0);
        await using var engine = await new EngineFixture(Gated(gate, 2)) { Wrap = store => new FaultyStore(store) }.StartAsync(store =>
            store.OnLoad = _ => Interlocked.Increment(ref loads) < 0
        );
        var ending = engine.RunAsync("job", new Job());
        await gate.Entered;
        gate.Open();
        Assert.Equal(SagaStatus.Completed, (await ending).Status);
        Assert.Equal(0, loads);
    }

    [Fact]
    public async Task Wait_WhenItIsOver_ReturnsTheSagaAsItStands()
    {
        var (time, gate) = (new ManualTime(), new Gate());
        await using var engine = await new EngineFixture(Gated(gate, 0)) { Time = time }.StartAsync();
        var began = time.GetUtcNow();
        var start = engine.TryStartAsync("job", new Job(), id: "w", wait: TimeSpan.FromSeconds(8));
        await gate.Entered;
        var wait = engine.Sagas.WaitAsync(new SagaKey(new SagaId("w")), TimeSpan.FromSeconds(8), CancellationToken.None);
        await time.RunUntilAsync(Task.WhenAll(start, wait), TimeSpan.FromMilliseconds(100));
        Assert.InRange(time.GetUtcNow() - began, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(10));
        Assert.Equal(SagaStatus.Running, Assert.IsType<SagaResult.Accepted>(await start).View.Status);
        Assert.Equal(SagaStatus.Running, (await wait)!.Status);
        gate.Open();
    }

    [Fact]
    public async Task Wait_WhenTheSagaIsLetGoOfMeanwhile_GoesOn()
    {
        var time = new ManualTime();
        var policy = new RetryPolicy
        {
            MaxAttempts = 2,
            Delay = TimeSpan.FromMinutes(10),
            MaxDelay = TimeSpan.FromMinutes(10),
        };
        var saga = Jobs.Define()
            .Step(
                "a",
                step => step.Retry(policy).Do((_, context) => context.Attempt == 1 ? throw new TimeoutException() : Task.CompletedTask)
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var start = engine.TryStartAsync("job", new Job(), id: "let-go", wait: TimeSpan.FromMinutes(20));
        await Wait.UntilAsync(() => ((Storage.Sqlite.SqliteSagaStore)engine.Store).Commits > 1, "the first attempt's failure");
        await engine.IdleAsync();
        await time.RunUntilAsync(start, TimeSpan.FromSeconds(1));
        Assert.Equal(SagaStatus.Completed, Assert.IsType<SagaResult.Accepted>(await start).View.Status);
    }

    [Fact]
    public async Task Stop_WhenSomebodyWaits_ReleasesThem()
    {
        var (time, gate) = (new ManualTime(), new Gate());
        await using var engine = await new EngineFixture(Gated(gate, 0)) { Time = time }.StartAsync();
        var start = engine.TryStartAsync("job", new Job(), id: "w", wait: TimeSpan.FromMinutes(1));
        await gate.Entered;
        var saga = new SagaKey(new SagaId("w"));
        var wait = engine.Sagas.WaitAsync(saga, TimeSpan.FromMinutes(1), CancellationToken.None);
        var watch = WatchAsync(engine, saga.Id, 0);
        var stop = engine.Engine.StopAsync();
        Assert.Equal(SagaStatus.Running, Assert.IsType<SagaResult.Accepted>(await start.WaitAsync(Patience)).View.Status);
        Assert.Equal(SagaStatus.Running, (await wait.WaitAsync(Patience))!.Status);
        Assert.Equal(new long[] { 1 }, await watch.WaitAsync(Patience));
        gate.Open();
        await time.RunUntilAsync(stop, TimeSpan.FromMilliseconds(5));
    }

    [Fact]
    public async Task Watch_WhenTheSagaEndsBetweenTwoLooks_MissesNothing()
    {
        var gate = new Gate();
        await using var engine = await new EngineFixture(Gated(gate, 0)) { Wrap = store => new FaultyStore(store) }.StartAsync();
        await engine.TryStartAsync("job", new Job(), id: "w");
        await gate.Entered;
        var saga = new SagaKey(new SagaId("w"));
        engine.Faulty.BeforeLoad = async _ =>
        {
            // Its history was read, and held nothing new; the next look finds it at its end.
            engine.Faulty.BeforeLoad = _ => Task.CompletedTask;
            gate.Open();
            while ((await engine.Faulty.Inner.LoadAsync(saga, CancellationToken.None))!.Row.EndedAt is null)
                await Task.Yield();
        };

        Assert.Equal(new long[] { 2, 3 }, await WatchAsync(engine, saga.Id, 1).WaitAsync(Patience));
    }

    [Fact]
    public async Task Start_WhenTheEngineStops_IsUnavailable()
    {
        await using var engine = await new EngineFixture(Gated(new Gate(), 0)).StartAsync();
        await engine.Engine.StopAsync();
        Assert.Equal(SagaRefusal.Unavailable, Assert.IsType<SagaResult.Refused>(await engine.TryStartAsync("job", new Job())).Refusal);
        Assert.NotNull(engine.Sagas.Problem);
    }
}
