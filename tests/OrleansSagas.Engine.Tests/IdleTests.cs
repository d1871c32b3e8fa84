using System.Collections.Concurrent;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

public sealed class IdleTests
{
    private static SagaDefinition Patient(TestService service, RetryPolicy? retry = null) =>
        Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(retry ?? Jobs.Far)
                        .Do(
                            (_, context) =>
                            {
                                service.Do(context);
                                return context.Attempt == 1 ? throw new TimeoutException() : Task.CompletedTask;
                            }
                        )
            )
            .Build();

    [Fact]
    public async Task Idle_WhenTheNextAttemptIsFar_TheSagaIsLetGoOfAndWokenInTime()
    {
        var (time, service) = (new ManualTime(), new TestService());
        await using var engine = await new EngineFixture(Patient(service)) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job(), id: "far");
        view = await engine.BecomesAsync(view.Id, now => now.Steps[0].Status == StepStatus.Retrying);
        await engine.IdleAsync();
        var row = await engine.RowAsync(view.Id);
        var due = view.Steps[0].NextAttemptAt!.Value;
        Assert.Equal((SagaStatus.Running, null, due), (row.Status, row.Owner, row.WakeAt!.Value));
        time.Advance(due - time.GetUtcNow() - TimeSpan.FromSeconds(8));
        Assert.Single(service.Calls);
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, TimeSpan.FromMilliseconds(50));
        Assert.Equal(["do a 1", "do a 2"], service.Calls);
        Assert.InRange((await end).EndedAt!.Value - due, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await engine.IdleAsync();
    }

    [Fact]
    public async Task Admission_WhenTooManyAreActive_RefusesStartsOnly()
    {
        var gates = new ConcurrentBag<Gate>();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do(
                        (_, _) =>
                        {
                            var gate = new Gate();
                            gates.Add(gate);
                            return gate.PassAsync();
                        }
                    )
            )
            .Build();
        await using var engine = await new EngineFixture(options => options.MaxActiveSagas = 2, saga).StartAsync();
        var most = 2 * engine.Engine.Processes;
        var begun = new List<SagaView>();
        for (var i = 0; i < most; i++)
            begun.Add(await engine.BeginAsync("job", new Job()));
        Assert.Equal(SagaRefusal.Overloaded, Assert.IsType<SagaResult.Refused>(await engine.TryStartAsync("job", new Job())).Refusal);
        Assert.IsType<SagaResult.Accepted>(await engine.ActAsync(begun[0].Id, OperatorAction.Pause));
        Assert.IsType<SagaResult.Accepted>(await engine.ActAsync(begun[0].Id, OperatorAction.Resume));
        await Wait.UntilAsync(() => gates.Count == most, "all first steps");
        foreach (var gate in gates)
            gate.Open();
        foreach (var view in begun)
            await engine.EndAsync(view.Id);
        await engine.IdleAsync();
    }

    [Fact]
    public async Task Idle_WhenTwentyThousandSagasWait_NoneIsInMemoryAlsoAfterARestart()
    {
        const int count = 20_000;
        var service = new TestService();
        var saga = Jobs.Define().Step("a", step => step.Retry(Jobs.Far).Do((_, _) => throw new TimeoutException())).Build();
        await using var engine = await new EngineFixture(options => options.MaxActiveSagas = 100_000, saga).StartAsync();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 512 },
            async (i, _) => await engine.BeginAsync("job", new Job(), id: $"n{i}")
        );
        await engine.IdleAsync();
        await engine.StopAsync();
        await engine.StartAsync();
        Assert.Equal(0, engine.Engine.ActiveSagas);
        Assert.Equal(StepStatus.Retrying, (await engine.GetAsync(new SagaId("n7"))).Steps[0].Status);
    }

    [Fact]
    public async Task Resume_WhenOwnersCloseUnderIt_KeepsItsSlots()
    {
        var (time, service) = (new ManualTime(), new TestService());
        var policy = new RetryPolicy
        {
            MaxAttempts = 2,
            Delay = TimeSpan.FromHours(1),
            MaxDelay = TimeSpan.FromHours(1),
        };
        await using var engine = await new EngineFixture(options => options.ResumeParallelism = 1, Patient(service, policy))
        {
            Time = time,
            Wrap = store => new FaultyStore(store),
        }.StartAsync();
        for (var i = 0; i < 4; i++)
        {
            var view = await engine.BeginAsync("job", new Job(), id: $"s{i}");
            await engine.BecomesAsync(view.Id, now => now.Steps[0].Status == StepStatus.Retrying);
        }

        await engine.IdleAsync();
        var left = 3;
        engine.Faulty.OnCommit = commit =>
            commit.Entries.Any(entry => entry.Name == "adopted") && Interlocked.Decrement(ref left) >= 0 ? Fault.Conflict : Fault.None;
        time.Advance(TimeSpan.FromMinutes(50));
        await time.RunUntilAsync(Wait.UntilAsync(() => service.Calls.Length == 8, "all second attempts"), TimeSpan.FromSeconds(2));
        for (var i = 0; i < 4; i++)
            Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(new SagaId($"s{i}"))).Status);
    }

    [Fact]
    public async Task Act_WhenARequestIsRepeatedOnASagaWithNothingToDo_LeavesNoOwnerBehind()
    {
        var saga = Jobs.Define()
            .Step("a", step => step.Do((_, _) => Task.CompletedTask).Undo((_, _) => throw new StepRejectedException("Never.")))
            .Step("b", step => step.Do((_, _) => throw new StepRejectedException("No.")))
            .Build();
        await using var engine = await new EngineFixture(saga).StartAsync();
        var view = await engine.BeginAsync("job", new Job(), id: "repeated");
        await engine.BecomesAsync(view.Id, now => now.Status == SagaStatus.Stuck);
        Assert.IsType<SagaResult.Accepted>(await engine.ActAsync(view.Id, OperatorAction.Pause, requestId: "once"));
        Assert.IsType<SagaResult.Accepted>(await engine.ActAsync(view.Id, OperatorAction.Resume));
        Assert.IsType<SagaResult.Accepted>(await engine.ActAsync(view.Id, OperatorAction.Pause, requestId: "once"));
        await Wait.UntilAsync(() => engine.Engine.ActiveSagas == 0, "the owner to let go");
    }
}
