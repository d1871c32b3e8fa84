using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

public sealed class RestartTests
{
    /// <summary>A step that waits at a gate the first time that it is called, and does its work at each call.</summary>
    private static SagaDefinition Interrupted(
        TestService service,
        Gate gate,
        RetryPolicy? retry = null,
        TimeSpan? deadline = null,
        bool heedsStop = false
    )
    {
        var calls = 0;
        var saga = Jobs.Define()
            .Keyed("a", service)
            .Step(
                "b",
                step =>
                    step.Retry(retry ?? RetryPolicy.None)
                        .Do(
                            async (_, context) =>
                            {
                                service.Do(context);
                                service.Note(context.Key);
                                if (Interlocked.Increment(ref calls) == 1)
                                    await gate.PassAsync(heedsStop ? context.Stopping : CancellationToken.None);
                            }
                        )
                        .Undo(
                            (_, context) =>
                            {
                                service.Undo(context);
                                return Task.CompletedTask;
                            }
                        )
            );
        return (deadline is { } after ? saga.Deadline(after) : saga).Build();
    }

    [Fact]
    public async Task Stop_WhenAStepRuns_LetsItFinishAndTheNextStartGoesOn()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(
            Jobs.Define().Step("a", step => step.Do((_, _) => gate.PassAsync())).Keyed("b", service).Build()
        )
        {
            Time = time,
        }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        var stop = engine.StopAsync();
        gate.Open();
        await stop;
        Assert.Empty(service.Calls);
        await engine.StartAsync();
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Completed, 1, 1), (view.Status, view.Steps[0].Attempts, view.Steps[1].Attempts));
        Assert.Equal(["started", "step-succeeded", "adopted", "step-succeeded", "ended"], await engine.EventsAsync(view.Id));
    }

    [Fact]
    public async Task Stop_WhenAStepThrowsAfterIt_ThatIsNoAnswer()
    {
        var (service, gate) = (new TestService(), new Gate());
        await using var engine = await new EngineFixture(Interrupted(service, gate, heedsStop: true)).StartAsync();
        var view = await engine.BeginAsync("job", new Job(), id: "s1");
        await gate.Entered;
        await engine.StopAsync();
        await engine.StartAsync();
        view = await engine.EndAsync(view.Id);
        Assert.Equal(
            ["started", "step-succeeded", "step-interrupted", "adopted", "step-succeeded", "ended"],
            await engine.EventsAsync(view.Id)
        );
        Assert.Equal(SagaStatus.Completed, view.Status);
        Assert.Equal(["do a 1", "do b 1", "default/s1/b/1/do", "do b 1", "default/s1/b/1/do"], service.Calls);
    }

    [Fact]
    public async Task Stop_WhenAStepThrowsAfterItAndIsRejectedNextTime_TheStepIsUndone()
    {
        var (service, gate) = (new TestService(), new Gate());
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do(
                            async (_, context) =>
                            {
                                if (service.Calls.Length > 0)
                                    throw new StepRejectedException("Not this time.");
                                service.Do(context);
                                await gate.PassAsync().WaitAsync(context.Stopping);
                            }
                        )
                        .Undo(
                            (_, context) =>
                            {
                                service.Undo(context);
                                return Task.CompletedTask;
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await engine.StopAsync();

        await engine.StartAsync();
        view = await engine.EndAsync(view.Id);

        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Empty(service.Standing);
        Assert.Equal(
            ["started", "step-interrupted", "adopted", "step-given-up", "turned-back", "undo-succeeded", "ended"],
            await engine.EventsAsync(view.Id)
        );
    }

    [Fact]
    public async Task Stop_WhenAStepThrowsAfterItAndTheDeadlinePasses_TheStepIsUndone()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(Interrupted(service, gate, deadline: TimeSpan.FromMinutes(1), heedsStop: true))
        {
            Time = time,
        }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await engine.StopAsync();
        time.Advance(TimeSpan.FromMinutes(2));
        await engine.StartAsync();
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, TimeSpan.FromMilliseconds(50));
        Assert.Equal((SagaStatus.Compensated, SagaEndReason.Deadline), ((await end).Status, (await end).Reason!.Value));
        Assert.Empty(service.Standing);
    }

    [Fact]
    public async Task Stop_WhenAStepOfAPausedSagaThrowsAfterIt_ACancelUndoesTheStep()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(Interrupted(service, gate, Jobs.AtOnce(3), heedsStop: true))
        {
            Time = time,
        }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await engine.ActAsync(view.Id, OperatorAction.Pause);
        await engine.StopAsync();
        await engine.StartAsync();
        await engine.ActAsync(view.Id, OperatorAction.Cancel);
        await engine.ActAsync(view.Id, OperatorAction.Resume);
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, TimeSpan.FromMilliseconds(50));
        Assert.Equal(SagaStatus.Cancelled, (await end).Status);
        Assert.Empty(service.Standing);
    }

    [Fact]
    public async Task Stop_WhenAStepNeverReturns_EndsAndTheAttemptIsRecordedAsInterrupted()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(Interrupted(service, gate, Jobs.AtOnce(3))) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await engine.StopAsync();
        await engine.StartAsync();
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Completed, 1), (view.Status, view.Steps[1].Attempts));
        Assert.Equal(
            ["started", "step-succeeded", "step-interrupted", "adopted", "step-succeeded", "ended"],
            await engine.EventsAsync(view.Id)
        );
    }

    [Fact]
    public async Task Stop_WhenARetryIsAwaited_NothingCountsAsLost()
    {
        var (time, service) = (new ManualTime(), new TestService());
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(new RetryPolicy { MaxAttempts = 2, Delay = TimeSpan.FromSeconds(5) })
                        .Do(
                            (_, context) =>
                            {
                                service.Do(context);
                                return context.Attempt == 1 ? throw new TimeoutException() : Task.CompletedTask;
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await engine.BecomesAsync(view.Id, now => now.Steps[0].Status == StepStatus.Retrying);
        await engine.StopAsync();
        await engine.StartAsync();
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, TimeSpan.FromMilliseconds(100));
        Assert.Equal((SagaStatus.Completed, 2), ((await end).Status, (await end).Steps[0].Attempts));
        Assert.Equal(["started", "attempt-failed", "adopted", "step-succeeded", "ended"], await engine.EventsAsync(view.Id));
    }

    [Fact]
    public async Task Crash_WhenAStepRuns_TheLostAttemptIsCountedAndTheKeyStays()
    {
        var (service, gate) = (new TestService(), new Gate());
        await using var engine = await new EngineFixture(Interrupted(service, gate, Jobs.AtOnce(3))).StartAsync();
        var view = await engine.BeginAsync("job", new Job(), id: "c1");
        await gate.Entered;
        engine.Crash();
        await engine.StartAsync();
        view = await engine.EndAsync(view.Id);
        gate.Open();
        Assert.Equal((SagaStatus.Completed, 2), (view.Status, view.Steps[1].Attempts));
        Assert.Equal("lost", view.Steps[1].Error!.Type);
        Assert.Equal(["do a 1", "do b 1", "default/c1/b/1/do", "do b 2", "default/c1/b/1/do"], service.Calls);
        Assert.Equal(
            ["started", "step-succeeded", "adopted", "attempt-failed", "step-succeeded", "ended"],
            await engine.EventsAsync(view.Id)
        );
    }

    [Fact]
    public async Task Crash_WhenACancelComesBeforeTheTakeoverIsWritten_WhatMayHaveBeenDoneIsUndone()
    {
        var (service, gate, takeover, isCancelled) = (new TestService(), new Gate(), new Gate(), false);
        await using var engine = await new EngineFixture(Interrupted(service, gate, Jobs.AtOnce(3)))
        {
            Wrap = store => new FaultyStore(store),
        }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        engine.Crash();
        await engine.StartAsync(store =>
        {
            store.BeforeCommit = _ => takeover.PassAsync();
            store.OnCommit = commit =>
            {
                isCancelled |= commit.Entries.Any(entry => entry.Name == "turned-back");
                return isCancelled ? Fault.None : Fault.NotCommitted;
            };
        });

        // The takeover is not written until the cancel has come and waits beside it.
        await takeover.Entered;
        var cancel = engine.ActAsync(view.Id, OperatorAction.Cancel);
        takeover.Open();
        var taken = await cancel;
        Assert.True(taken is SagaResult.Accepted, $"{taken}");
        Assert.Equal(SagaStatus.Cancelled, (await engine.EndAsync(view.Id)).Status);
        Assert.Empty(service.Standing);
        gate.Open();
    }

    [Fact]
    public async Task Crash_WhenAStepOfAPausedSagaRuns_ACancelUndoesIt()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(Interrupted(service, gate, Jobs.AtOnce(3))) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await engine.ActAsync(view.Id, OperatorAction.Pause);
        engine.Crash();
        await engine.StartAsync();
        Assert.IsType<SagaResult.Accepted>(await engine.ActAsync(view.Id, OperatorAction.Cancel));
        await engine.ActAsync(view.Id, OperatorAction.Resume);
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, TimeSpan.FromMilliseconds(50));
        Assert.Equal(SagaStatus.Cancelled, (await end).Status);
        Assert.Empty(service.Standing);
        gate.Open();
    }

    [Fact]
    public async Task Crash_WhenAStepKillsItsProcess_TheStepEndsAtItsMaximum()
    {
        var service = new TestService();
        var gates = new[] { new Gate(), new Gate(), new Gate(), new Gate() };
        var calls = 0;
        var saga = Jobs.Define()
            .Keyed("a", service)
            .Step(
                "b",
                step =>
                    step.Retry(Jobs.AtOnce(3))
                        .Do((_, _) => gates[Interlocked.Increment(ref calls) - 1].PassAsync())
                        .Undo(
                            (_, context) =>
                            {
                                service.Undo(context);
                                return Task.CompletedTask;
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        for (var life = 0; life < 3; life++)
        {
            await gates[life].Entered;
            engine.Crash();
            await engine.StartAsync();
        }

        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Compensated, 3, 3), (view.Status, view.Steps[1].Attempts, calls));
        Assert.Equal(["do a 1", "undo b 1", "undo a 1"], service.Calls);
        foreach (var gate in gates)
            gate.Open();
    }

    [Fact]
    public async Task Crash_WhenAnUndoRuns_TheUndoGoesOn()
    {
        var (service, gate) = (new TestService(), new Gate());
        var calls = 0;
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do((_, _) => Task.CompletedTask)
                        .Undo(
                            async (_, context) =>
                            {
                                service.Note($"{context.Key} {context.Attempt}");
                                if (Interlocked.Increment(ref calls) == 1)
                                    await gate.PassAsync();
                            }
                        )
            )
            .Step("b", step => step.Do((_, _) => throw new StepRejectedException("no")))
            .Build();
        await using var engine = await new EngineFixture(saga).StartAsync();
        var view = await engine.BeginAsync("job", new Job(), id: "u");
        await gate.Entered;
        engine.Crash();
        await engine.StartAsync();
        Assert.Equal(SagaStatus.Compensated, (await engine.EndAsync(view.Id)).Status);
        Assert.Equal(["default/u/a/1/undo 1", "default/u/a/1/undo 2"], service.Calls);
        gate.Open();
    }

    [Fact]
    public async Task Start_WhenOnlyEndedSagasLackTheirDefinition_Starts()
    {
        var service = new TestService();
        await using var engine = await new EngineFixture(Jobs.Define().Keyed("a", service).Build()).StartAsync();
        var view = await engine.RunAsync("job", new Job());
        await engine.StopAsync();
        await engine.StartAsync(Jobs.Define("other").Keyed("a", service).Build());
        view = await engine.GetAsync(view.Id);
        Assert.Equal(SagaStatus.Completed, view.Status);
    }
}
