using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

public sealed class TimeoutTests
{
    private static readonly TimeSpan Half = TimeSpan.FromSeconds(30);

    private static Task Undone(TestService service, UndoContext context)
    {
        service.Undo(context);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Run_WhenAnAttemptTimesOut_ItsTokenIsCancelledAndItIsRetried()
    {
        var time = new ManualTime();
        var gate = new Gate();
        var cancelled = new TaskCompletionSource();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(Jobs.AtOnce(2))
                        .Do(
                            async (_, context) =>
                            {
                                if (context.Attempt > 1)
                                    return;
                                context.Cancellation.Register(() => cancelled.TrySetResult());
                                await gate.PassAsync(context.Cancellation);
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await time.HasTimerAsync(Half);
        time.Advance(Half);
        await cancelled.Task.WaitAsync(TimeSpan.FromMinutes(1));
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Completed, 2), (view.Status, view.Steps[0].Attempts));
        Assert.Equal("timeout", view.Steps[0].Error!.Type);
    }

    [Fact]
    public async Task Run_WhenAnAttemptNeverReturns_HoldsUpNobody()
    {
        var time = new ManualTime();
        var gate = new Gate();
        var service = new TestService();
        var hang = Jobs.Define("hang")
            .Step("a", step => step.Retry(RetryPolicy.None).Do((_, _) => gate.PassAsync()).Undo((_, context) => Undone(service, context)))
            .Build();
        var other = Jobs.Define("other").Keyed("b", service).Build();
        await using var engine = await new EngineFixture(hang, other) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("hang", new Job());
        await gate.Entered;
        Assert.Equal(SagaStatus.Completed, (await engine.RunAsync("other", new Job())).Status);
        await time.HasTimerAsync(Half);
        time.Advance(Half);
        await time.HasTimerAsync(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain("undo a 1", service.Calls);
        time.Advance(TimeSpan.FromSeconds(5));
        view = await engine.EndAsync(view.Id);
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Contains("undo a 1", service.Calls);
    }

    [Fact]
    public async Task Run_WhenAnAttemptBlocksItsThread_HoldsUpNobody()
    {
        using var blocked = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        var service = new TestService();
        var hang = Jobs.Define("hang")
            .Step(
                "a",
                step =>
                    step.Retry(RetryPolicy.None)
                        .Timeout(TimeSpan.FromMilliseconds(100))
                        .Do(
                            (_, _) =>
                            {
                                entered.TrySetResult();
                                blocked.Wait();
                                return Task.CompletedTask;
                            }
                        )
            )
            .Build();
        var other = Jobs.Define("other").Keyed("b", service).Build();
        await using var engine = await new EngineFixture(
            options => options.StopTimeout = TimeSpan.FromMilliseconds(100),
            hang,
            other
        ).StartAsync();
        var view = await engine.BeginAsync("hang", new Job());
        await entered.Task;
        Assert.Equal(SagaStatus.Completed, (await engine.RunAsync("other", new Job())).Status);
        Assert.Equal(SagaStatus.Failed, (await engine.EndAsync(view.Id)).Status);
        var began = Environment.TickCount64;
        await engine.StopAsync();
        Assert.InRange(Environment.TickCount64 - began, 0, 6_000);
        blocked.Set();
    }

    [Fact]
    public async Task Answer_WhenItComesAfterItsTimeoutWhileTheStepIsOpen_IsTaken()
    {
        var time = new ManualTime();
        var gate = new Gate();
        var second = new Gate();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(Jobs.AtOnce(3))
                        .Do(
                            async (_, context) =>
                            {
                                await (context.Attempt == 1 ? gate : second).PassAsync();
                                return context.Attempt;
                            },
                            (job, attempt) => job with { Count = attempt }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await time.HasTimerAsync(Half);
        time.Advance(Half);
        await second.Entered;
        gate.Open();
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Completed, 1), (view.Status, view.Data!.Value.As<Job>()!.Count));
        second.Open();
    }

    [Fact]
    public async Task Answer_WhenASuccessComesAfterTheUndo_IsUndoneAgain()
    {
        var time = new ManualTime();
        var late = new Gate();
        var undoOfA = new Gate();
        var service = new TestService();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do((_, _) => Task.CompletedTask)
                        .Undo(
                            async (_, context) =>
                            {
                                await undoOfA.PassAsync();
                                service.Undo(context);
                            }
                        )
            )
            .Step(
                "b",
                step =>
                    step.Retry(RetryPolicy.None)
                        .Do(
                            async (_, context) =>
                            {
                                await late.PassAsync();
                                service.Note("late success");
                            }
                        )
                        .Undo(
                            (_, context) =>
                            {
                                service.Note($"{context.Key} of {context.ActionKey}");
                                return Task.CompletedTask;
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job(), id: "late");
        await late.Entered;
        await time.HasTimerAsync(Half);
        time.Advance(Half);
        await time.HasTimerAsync(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        await undoOfA.Entered;
        var before = (await engine.GetAsync(view.Id)).Revision;
        late.Open();
        await engine.BecomesAsync(view.Id, now => now.Revision > before);
        undoOfA.Open();
        view = await engine.EndAsync(view.Id);
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Contains("step-succeeded-late", await engine.EventsAsync(view.Id));
        Assert.Equal(
            ["default/late/b/1/undo of default/late/b/1/do", "late success", "default/late/b/2/undo of default/late/b/1/do"],
            service.Calls.Where(call => !call.StartsWith("undo", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task Undo_WhenTheActionReturnsWithinTheGrace_BeginsAfterIt()
    {
        var time = new ManualTime();
        var late = new Gate();
        var service = new TestService();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(RetryPolicy.None)
                        .Do(
                            async (_, context) =>
                            {
                                await late.PassAsync();
                                service.Do(context);
                            }
                        )
                        .Undo((_, context) => Undone(service, context))
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await late.Entered;
        await time.HasTimerAsync(Half);
        time.Advance(Half);
        await time.HasTimerAsync(TimeSpan.FromSeconds(5));
        late.Open();
        view = await engine.EndAsync(view.Id);
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Equal("do a 1", service.Calls[0]);
        Assert.Empty(service.Standing);
    }

    [Fact]
    public async Task Undo_WhenItTimesOut_IsRetried()
    {
        var time = new ManualTime();
        var gate = new Gate();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.UndoRetry(Jobs.AtOnce(2))
                        .UndoTimeout(TimeSpan.FromSeconds(3))
                        .Do((_, _) => Task.CompletedTask)
                        .Undo((_, context) => context.Attempt == 1 ? gate.PassAsync() : Task.CompletedTask)
            )
            .Step("b", step => step.Do((_, _) => throw new StepRejectedException("no")))
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await time.HasTimerAsync(TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromSeconds(3));
        view = await engine.EndAsync(view.Id);
        Assert.Equal((SagaStatus.Compensated, 2), (view.Status, view.Steps[0].UndoAttempts));
    }
}
