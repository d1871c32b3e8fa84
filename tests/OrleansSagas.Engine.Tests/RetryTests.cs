using System.Collections.Concurrent;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

public sealed class RetryTests
{
    [Fact]
    public async Task Run_WhenAttemptsFail_RetriesByTheClockWithTheSameKey()
    {
        var time = new ManualTime();
        var keys = new ConcurrentQueue<(string Key, int Attempt, DateTimeOffset At)>();
        var policy = new RetryPolicy
        {
            MaxAttempts = 4,
            Delay = TimeSpan.FromSeconds(4),
            MaxDelay = TimeSpan.FromSeconds(8),
        };
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(policy)
                        .Do(
                            (_, context) =>
                            {
                                keys.Enqueue((context.Key, context.Attempt, time.GetUtcNow()));
                                return context.Attempt < 3 ? throw new TimeoutException("busy") : Task.CompletedTask;
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job(), id: "r1");
        for (var attempt = 1; attempt < 3; attempt++)
        {
            view = await engine.BecomesAsync(view.Id, now => now.Steps[0].Attempts == attempt && now.Steps[0].NextAttemptAt is not null);
            Assert.Equal(StepStatus.Retrying, view.Steps[0].Status);
            var pause = view.Steps[0].NextAttemptAt!.Value - time.GetUtcNow();
            Assert.InRange(pause, TimeSpan.Zero, TimeSpan.FromSeconds(4 * attempt));
            await time.HasTimerAsync(pause);
            time.Advance(pause - TimeSpan.FromMilliseconds(2));
            Assert.Equal(attempt, keys.Count);
            time.Advance(TimeSpan.FromMilliseconds(4));
        }

        view = await engine.EndAsync(view.Id);
        Assert.Equal(SagaStatus.Completed, view.Status);
        Assert.Equal([1, 2, 3], keys.Select(call => call.Attempt));
        Assert.Equal(["default/r1/a/1/do"], keys.Select(call => call.Key).Distinct());
        Assert.False(view.Steps[0].Uncertain);
        Assert.Equal(["started", "attempt-failed", "attempt-failed", "step-succeeded", "ended"], await engine.EventsAsync(view.Id));
    }

    [Fact]
    public async Task Run_WhenARetriedAttemptRuns_ItsOwnerSleeps()
    {
        var time = new ManualTime();
        var gate = new Gate();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(Jobs.AtOnce(3)).Do((_, context) => context.Attempt == 1 ? throw new TimeoutException() : gate.PassAsync())
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        time.Advance(TimeSpan.FromSeconds(1));
        await time.HasTimerAsync(TimeSpan.FromSeconds(29));
        var set = time.Set;
        for (var i = 0; i < 50; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(2));
            await Task.Delay(1);
        }

        Assert.InRange(time.Set - set, 0, 3);
        gate.Open();
        await engine.EndAsync(view.Id);
    }

    [Fact]
    public async Task Run_WhenTheMaximumIsReached_TheStepIsUncertainAndUndone()
    {
        var service = new TestService();
        var saga = Jobs.Define()
            .Keyed("a", service)
            .Step(
                "b",
                step =>
                    step.Retry(Jobs.AtOnce(3))
                        .Do(
                            (_, context) =>
                            {
                                service.Do(context);
                                throw new TimeoutException("no answer");
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
        var view = await engine.RunAsync("job", new Job());
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Equal(SagaEndReason.Failed, view.Reason);
        Assert.Equal(["do a 1", "do b 1", "do b 2", "do b 3", "undo b 1", "undo a 1"], service.Calls);
        Assert.True(view.Steps[1].Uncertain);
        Assert.Equal(3, view.Steps[1].Attempts);
        Assert.Empty(service.Standing);
        Assert.Equal(1, service.MostApplied);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_WhenTheExceptionIsNotWorthRetrying_GivesUpAtOnceAndUndoes(bool byName)
    {
        ErrorName error = byName ? "System.ArgumentException" : typeof(ArgumentException);
        var service = new TestService();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(Jobs.AtOnce(5) with { NonRetryableErrors = [error] })
                        .Do(
                            (_, context) =>
                            {
                                service.Do(context);
                                throw new ArgumentOutOfRangeException(nameof(context));
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
        var view = await engine.RunAsync("job", new Job());
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Equal(["do a 1", "undo a 1"], service.Calls);
    }

    [Fact]
    public async Task Run_WhenAnUncertainStepHasNoUndo_ViewAndHistorySaySo()
    {
        var saga = Jobs.Define()
            .Step("a", step => step.Retry(RetryPolicy.None).Do((_, _) => throw new TimeoutException("who knows")))
            .Build();
        await using var engine = await new EngineFixture(saga).StartAsync();
        var view = await engine.RunAsync("job", new Job());
        Assert.Equal(SagaStatus.Failed, view.Status);
        Assert.Equal((StepStatus.Uncertain, true, false), (view.Steps[0].Status, view.Steps[0].Uncertain, view.Steps[0].HasUndo));
        Assert.Equal(["started", "step-given-up", "turned-back", "ended"], await engine.EventsAsync(view.Id));
    }

    [Fact]
    public async Task Run_WhenARejectionFollowsAnUncertainAttempt_TheStepIsUndone()
    {
        var service = new TestService();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(Jobs.AtOnce(5))
                        .Do(
                            (_, context) => context.Attempt == 1 ? throw new TimeoutException() : throw new StepRejectedException("refused")
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
        var view = await engine.RunAsync("job", new Job());
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Equal(["undo a 1"], service.Calls);
    }

    [Fact]
    public async Task Fold_WhenItThrows_TheStepIsKnownDoneAndUndone()
    {
        var service = new TestService();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do(
                            (_, context) =>
                            {
                                service.Do(context);
                                return Task.FromResult(1);
                            },
                            (_, _) => throw new InvalidOperationException("cannot fold")
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
        var view = await engine.RunAsync("job", new Job());
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Equal("cannot fold", view.Error!.Message);
        Assert.Equal(["do a 1", "undo a 1"], service.Calls);
        Assert.False(view.Steps[0].Uncertain);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fold_WhenTheDataBecomesTooLargeOrNull_TheStepIsUndone(bool tooLarge)
    {
        var service = new TestService();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do((_, _) => Task.FromResult(1), (job, _) => tooLarge ? job with { Name = new string('x', 2_000) } : null!)
                        .Undo(
                            (job, context) =>
                            {
                                service.Undo(context);
                                service.Note(job.Name);
                                return Task.CompletedTask;
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(options => options.MaxDataBytes = 1_000, saga).StartAsync();
        var view = await engine.RunAsync("job", new Job());
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Equal(["undo a 1", "job"], service.Calls);
        Assert.Equal(new Job(), view.Data!.Value.As<Job>());
    }

    [Fact]
    public async Task Fold_WhenTheCommitMustBeTriedAgain_RunsOnce()
    {
        var folds = 0;
        var saga = Jobs.Define()
            .Step(
                "a",
                step => step.Do((_, _) => Task.FromResult(1), (job, _) => job with { Count = job.Count + Interlocked.Increment(ref folds) })
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Wrap = store => new FaultyStore(store) }.StartAsync();
        var failures = 2;
        engine.Faulty.OnCommit = commit =>
            commit.Entries.Any(entry => entry.Name == "step-succeeded") && failures-- > 0 ? Fault.NotCommitted : Fault.None;
        var view = await engine.RunAsync("job", new Job());
        Assert.Equal(1, folds);
        Assert.Equal(1, view.Data!.Value.As<Job>()!.Count);
        Assert.Equal(-1, failures);
    }

    [Fact]
    public async Task Fold_WhenTheCommitMustBeTriedAgainAfterARestart_RunsOnce()
    {
        var folds = 0;
        var gate = new Gate();
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do(
                        async (_, context) =>
                        {
                            if (context.Attempt == 1)
                                await gate.PassAsync();
                            return 1;
                        },
                        (job, _) => job with { Count = job.Count + Interlocked.Increment(ref folds) }
                    )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Wrap = store => new FaultyStore(store) }.StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        engine.Crash();
        var failures = 2;
        var faults = (Storage.SagaCommit commit) =>
            commit.Entries.Any(entry => entry.Name == "step-succeeded") && failures-- > 0 ? Fault.NotCommitted : Fault.None;
        await engine.StartAsync(store => store.OnCommit = faults);
        view = await engine.EndAsync(view.Id);
        Assert.Equal(1, folds);
        Assert.Equal(1, view.Data!.Value.As<Job>()!.Count);
        Assert.Equal(-1, failures);
    }

    [Fact]
    public async Task Run_WhenAnExceptionHasNoMessage_IsStillRetried()
    {
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(Jobs.AtOnce(2)).Do((_, context) => context.Attempt == 1 ? throw new SilentException() : Task.CompletedTask)
            )
            .Build();
        await using var engine = await new EngineFixture(saga).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        view = await engine.EndAsync(view.Id);
        Assert.Equal(SagaStatus.Completed, view.Status);
    }

    [Fact]
    public async Task Run_WhenAnActionReturnsNoTask_IsRetried()
    {
        var saga = Jobs.Define()
            .Step("a", step => step.Retry(Jobs.AtOnce(2)).Do((_, context) => context.Attempt == 1 ? null! : Task.CompletedTask))
            .Build();
        await using var engine = await new EngineFixture(saga).StartAsync();
        Assert.Equal(SagaStatus.Completed, (await engine.RunAsync("job", new Job())).Status);
    }

    private sealed class SilentException : Exception
    {
        public override string Message => null!;
    }
}
