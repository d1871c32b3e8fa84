using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

public sealed class OperatorTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>A saga of two steps of which the second passes a gate, with its token or without.</summary>
    private static SagaDefinition Gated(TestService service, Gate gate, bool heedsToken = false, TimeSpan? deadline = null)
    {
        var saga = Jobs.Define()
            .Keyed("a", service)
            .Step(
                "b",
                step =>
                    step.Do(
                            async (_, context) =>
                            {
                                service.Do(context);
                                await gate.PassAsync(heedsToken ? context.Cancellation : CancellationToken.None);
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
            .Keyed("c", service);
        return (deadline is { } after ? saga.Deadline(after) : saga).Build();
    }

    [Fact]
    public async Task Act_WhenVeryManyWaitForOneSaga_OneMoreIsRefused()
    {
        var (service, gate, commits) = (new TestService(), new Gate(), new Gate());
        await using var engine = await new EngineFixture(Gated(service, gate, heedsToken: true))
        {
            Wrap = store => new FaultyStore(store),
        }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;

        // One commit is under way, and all that comes meanwhile waits: as many as may, and one more.
        engine.Faulty.BeforeCommit = _ => commits.PassAsync();
        var first = engine.ActAsync(view.Id, OperatorAction.Pause);
        await commits.Entered;
        var rest = Enumerable
            .Range(0, Execution.SagaProcess.MaxWaiting + 1)
            .Select(_ => engine.ActAsync(view.Id, OperatorAction.Pause))
            .ToArray();
        var refused = Assert.IsType<SagaResult.Refused>(await await Task.WhenAny(rest).WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(SagaRefusal.Overloaded, refused.Refusal);
        commits.Open();
        Assert.IsType<SagaResult.Accepted>(await first);
        Assert.Single((await Task.WhenAll(rest)).OfType<SagaResult.Refused>(), answer => answer.Refusal == SagaRefusal.Overloaded);
        gate.Open();
    }

    private static SagaDefinition Stuck(TestService service, Func<bool> undoFails) =>
        Jobs.Define()
            .Keyed("a", service)
            .Step(
                "b",
                step =>
                    step.UndoRetry(Jobs.AtOnce(2))
                        .Do(
                            (_, context) =>
                            {
                                service.Do(context);
                                return Task.CompletedTask;
                            }
                        )
                        .Undo(
                            (_, context) =>
                            {
                                if (undoFails())
                                    throw new InvalidOperationException("cannot undo");
                                service.Undo(context);
                                return Task.CompletedTask;
                            }
                        )
            )
            .Step("c", step => step.Do((_, _) => throw new StepRejectedException("no")))
            .Build();

    private static SagaView Taken(SagaResult answer) => Assert.IsType<SagaResult.Accepted>(answer).View;

    private static SagaRefusal Refused(SagaResult answer) => Assert.IsType<SagaResult.Refused>(answer).Refusal;

    [Fact]
    public async Task Cancel_WhenAStepAnswersWithinTheGrace_TheAnswerCounts()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(Gated(service, gate)) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        view = Taken(await engine.ActAsync(view.Id, OperatorAction.Cancel, "changed my mind", actor: "eve"));
        Assert.Equal(SagaStatus.Compensating, view.Status);
        gate.Open();
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Cancelled, SagaEndReason.Cancelled), (view.Status, view.Reason!.Value));
        Assert.False(view.Steps[1].Uncertain);
        Assert.Equal(["do a 1", "do b 1", "undo b 1", "undo a 1"], service.Calls);
        Assert.Contains("step-succeeded", await engine.EventsAsync(view.Id));
        var history = await engine.Sagas.HistoryAsync(new SagaKey(view.Id), 0, 100, CancellationToken.None);
        var turned = Assert.Single(history!.Items, entry => entry.Event == "turned-back");
        Assert.Equal("eve", turned.Actor);
        Assert.Contains("changed my mind", turned.Body.ToString());
    }

    [Fact]
    public async Task Cancel_WhenAStepRuns_ItsTokenIsCancelled()
    {
        var (service, gate) = (new TestService(), new Gate());
        await using var engine = await new EngineFixture(Gated(service, gate, heedsToken: true)).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        Taken(await engine.ActAsync(view.Id, OperatorAction.Cancel));
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Cancelled, true), (view.Status, view.Steps[1].Uncertain));
        Assert.Empty(service.Standing);
    }

    [Fact]
    public async Task Cancel_WhenAStepDoesNotAnswer_IsUncertainAndUndoneAfterTheGrace()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(Gated(service, gate)) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        Taken(await engine.ActAsync(view.Id, OperatorAction.Cancel));
        await time.HasTimerAsync(Grace);
        time.Advance(Grace);
        view = await engine.BecomesAsync(view.Id, now => now.Steps[1].Status == StepStatus.Undoing);
        Assert.True(view.Steps[1].Uncertain);
        await time.RunUntilAsync(engine.EndAsync(view.Id), TimeSpan.FromMilliseconds(100));
        Assert.Equal(["do a 1", "do b 1", "undo b 1", "undo a 1"], service.Calls);
        Assert.Empty(service.Standing);
    }

    [Fact]
    public async Task Cancel_WhenTheStepsTimeoutIsDealtWithInTheSameTurn_TheStepIsUndone()
    {
        var (time, service, gate, disk) = (new ManualTime(), new TestService(), new Gate(), new Gate());
        await using var engine = await new EngineFixture(Gated(service, gate))
        {
            Time = time,
            Wrap = store => new FaultyStore(store),
        }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await time.HasTimerAsync(TimeSpan.FromSeconds(30));
        engine.Faulty.BeforeCommit = commit => commit.Entries.Any(entry => entry.Name == "paused") ? disk.PassAsync() : Task.CompletedTask;
        var pause = engine.ActAsync(view.Id, OperatorAction.Pause);
        await disk.Entered;
        var cancel = engine.ActAsync(view.Id, OperatorAction.Cancel);
        time.Advance(TimeSpan.FromSeconds(30));
        disk.Open();
        Taken(await pause);
        Taken(await cancel);
        Taken(await engine.ActAsync(view.Id, OperatorAction.Resume));
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, TimeSpan.FromMilliseconds(100));
        Assert.Equal((SagaStatus.Cancelled, true), ((await end).Status, (await end).Steps[1].Uncertain));
        Assert.Contains("undo b 1", service.Calls);
        Assert.Empty(service.Standing);
    }

    [Fact]
    public async Task Cancel_WhenARetryIsAwaited_UndoesAtOnce()
    {
        var (time, service) = (new ManualTime(), new TestService());
        var saga = Jobs.Define()
            .Keyed("a", service)
            .Step(
                "b",
                step =>
                    step.Retry(Jobs.Far)
                        .Do(
                            (_, context) =>
                            {
                                service.Do(context);
                                throw new TimeoutException();
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
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await engine.BecomesAsync(view.Id, now => now.Steps[1].Status == StepStatus.Retrying);
        Taken(await engine.ActAsync(view.Id, OperatorAction.Cancel));
        view = await engine.EndAsync(view.Id);
        Assert.Equal(SagaStatus.Cancelled, view.Status);
        Assert.Equal(["do a 1", "do b 1", "undo b 1", "undo a 1"], service.Calls);
    }

    [Fact]
    public async Task Pause_WhenAStepRuns_LetsItFinishAndBeginsNothing()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(Gated(service, gate)) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        Assert.Equal(SagaStatus.Paused, Taken(await engine.ActAsync(view.Id, OperatorAction.Pause, "look first", actor: "eve")).Status);
        gate.Open();
        view = await engine.BecomesAsync(view.Id, now => now.Steps[1].Status == StepStatus.Succeeded);
        await engine.IdleAsync();
        Assert.Equal(SagaStatus.Paused, view.Status);
        Assert.Equal(["do a 1", "do b 1"], service.Calls);
        var row = await engine.RowAsync(view.Id);
        Assert.Equal((SagaStatus.Paused, null, null), (row.Status, row.Owner, row.WakeAt));
        Taken(await engine.ActAsync(view.Id, OperatorAction.Resume));
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(view.Id)).Status);
        Assert.Equal(["do a 1", "do b 1", "do c 1"], service.Calls);
    }

    [Fact]
    public async Task Deadline_WhenAStepRuns_TurnsBackAndWaitsForItsAnswer()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(Gated(service, gate, deadline: TimeSpan.FromSeconds(20)))
        {
            Time = time,
        }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await time.HasTimerAsync(TimeSpan.FromSeconds(20));
        time.Advance(TimeSpan.FromSeconds(20));
        await engine.BecomesAsync(view.Id, now => now.Status == SagaStatus.Compensating);
        gate.Open();
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Compensated, SagaEndReason.Deadline), (view.Status, view.Reason!.Value));
        Assert.Equal(["do a 1", "do b 1", "undo b 1", "undo a 1"], service.Calls);
    }

    [Fact]
    public async Task Deadline_WhenARetriedAttemptRuns_IsStillWatched()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        var saga = Jobs.Define()
            .Deadline(TimeSpan.FromSeconds(20))
            .Step(
                "a",
                step =>
                    step.Retry(Jobs.AtOnce(2))
                        .Do((_, context) => context.Attempt == 1 ? throw new TimeoutException() : gate.PassAsync())
                        .Undo(
                            (_, context) =>
                            {
                                service.Undo(context);
                                return Task.CompletedTask;
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await time.HasTimerAsync(TimeSpan.FromSeconds(20));
        time.Advance(TimeSpan.FromSeconds(20));
        await engine.BecomesAsync(view.Id, now => now.Status == SagaStatus.Compensating);
        gate.Open();
        Assert.Equal(SagaEndReason.Deadline, (await engine.EndAsync(view.Id)).Reason);
        Assert.Equal(["undo a 1"], service.Calls);
    }

    [Fact]
    public async Task Deadline_WhenItPassesDuringAPause_ActsOnResume()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await new EngineFixture(Gated(service, gate, deadline: TimeSpan.FromSeconds(20)))
        {
            Time = time,
        }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        Taken(await engine.ActAsync(view.Id, OperatorAction.Pause));
        gate.Open();
        await engine.IdleAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SagaStatus.Paused, (await engine.GetAsync(view.Id)).Status);
        Taken(await engine.ActAsync(view.Id, OperatorAction.Resume));
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Compensated, SagaEndReason.Deadline), (view.Status, view.Reason!.Value));
        Assert.Equal(["do a 1", "do b 1", "undo b 1", "undo a 1"], service.Calls);
    }

    [Fact]
    public async Task Terminate_WhenAStepRuns_EndsAtOnceAndLeavesWhatIs()
    {
        var (service, gate) = (new TestService(), new Gate());
        await using var engine = await new EngineFixture(Gated(service, gate)).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        view = Taken(await engine.ActAsync(view.Id, OperatorAction.Terminate, "enough"));
        Assert.Equal((SagaStatus.Terminated, SagaEndReason.Terminated), (view.Status, view.Reason!.Value));
        var events = await engine.EventsAsync(view.Id);
        gate.Open();
        await engine.IdleAsync();
        Assert.Equal(events, await engine.EventsAsync(view.Id));
        Assert.Equal(["do a 1", "do b 1"], service.Calls);
    }

    [Fact]
    public async Task Act_WhenTheSagaIsUnknownOrEnded_IsRefused()
    {
        var service = new TestService();
        await using var engine = await new EngineFixture(Jobs.Define().Keyed("a", service).Build()).StartAsync();
        var view = await engine.RunAsync("job", new Job());
        foreach (var verb in Enum.GetValues<OperatorAction>())
        {
            Assert.Equal(SagaRefusal.SagaNotFound, Refused(await engine.ActAsync(new SagaId("nobody"), verb, "why")));
            Assert.Equal(SagaRefusal.NotPossible, Refused(await engine.ActAsync(view.Id, verb, "why")));
        }

        Assert.Equal(SagaRefusal.InvalidRequest, Refused(await engine.ActAsync(view.Id, OperatorAction.Skip)));
        await engine.IdleAsync();
    }

    [Theory]
    [InlineData(OperatorAction.Retry, "undo-retried", StepStatus.Undone)]
    [InlineData(OperatorAction.Skip, "undo-skipped", StepStatus.UndoSkipped)]
    [InlineData(OperatorAction.Resolve, "undo-resolved", StepStatus.UndoResolved)]
    public async Task Act_WhenTheSagaIsStuck_GoesOnAndKeepsWhoWhenAndWhy(OperatorAction verb, string name, StepStatus status)
    {
        var (time, service, fails) = (new ManualTime(), new TestService(), true);
        await using var engine = await new EngineFixture(Stuck(service, () => Volatile.Read(ref fails))) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        view = await engine.BecomesAsync(view.Id, now => now.Status == SagaStatus.Stuck);
        await engine.IdleAsync();
        Assert.Equal((StepStatus.UndoFailed, 2), (view.Steps[1].Status, view.Steps[1].UndoAttempts));
        var row = await engine.RowAsync(view.Id);
        Assert.Equal((SagaStatus.Stuck, null, null), (row.Status, row.Owner, row.WakeAt));
        Assert.Equal(SagaRefusal.NotPossible, Refused(await engine.ActAsync(view.Id, verb, "why", step: "a")));
        Volatile.Write(ref fails, false);
        time.Advance(TimeSpan.FromHours(1));
        Taken(await engine.ActAsync(view.Id, verb, "I saw to it", step: "b", actor: "eve"));
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Compensated, status), (view.Status, view.Steps[1].Status));
        Assert.Contains("undo a 1", service.Calls);
        var history = await engine.Sagas.HistoryAsync(new SagaKey(view.Id), 0, 100, CancellationToken.None);
        var entry = Assert.Single(history!.Items, entry => entry.Event == name);
        Assert.Equal(("eve", time.GetUtcNow()), (entry.Actor, entry.At));
        Assert.Contains("I saw to it", entry.Body.ToString());
    }

    [Fact]
    public async Task Retry_WhenTheUndoFailsAgain_IsStuckAgain()
    {
        var service = new TestService();
        await using var engine = await new EngineFixture(Stuck(service, () => true)).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await engine.BecomesAsync(view.Id, now => now.Status == SagaStatus.Stuck);
        Taken(await engine.ActAsync(view.Id, OperatorAction.Retry, requestId: "again"));
        view = await engine.BecomesAsync(view.Id, now => now is { Status: SagaStatus.Stuck, Steps: [_, { UndoAttempts: 4 }, ..] });
        var events = await engine.EventsAsync(view.Id);
        Taken(await engine.ActAsync(view.Id, OperatorAction.Retry, requestId: "again"));
        Assert.Equal(events, await engine.EventsAsync(view.Id));
    }
}
