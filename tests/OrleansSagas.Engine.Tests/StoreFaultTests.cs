using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

public sealed class StoreFaultTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private static bool Has(SagaCommit commit, string name) => commit.Entries.Any(entry => entry.Name == name);

    private static EngineFixture Fixture(TestService service, ManualTime? time = null, Gate? gate = null) =>
        new(
            Jobs.Define()
                .Step(
                    "a",
                    step =>
                        step.Do(
                            async (_, context) =>
                            {
                                service.Do(context);
                                await (gate?.PassAsync() ?? Task.CompletedTask);
                            }
                        )
                )
                .Keyed("b", service)
                .Build()
        )
        {
            Time = time,
            Wrap = store => new FaultyStore(store),
        };

    private static SagaRefusal Refused(SagaResult answer) => Assert.IsType<SagaResult.Refused>(answer).Refusal;

    /// <summary>A fault for the first commits that have this entry.</summary>
    private static Func<SagaCommit, Fault> First(int times, string name, Fault fault) =>
        commit => Has(commit, name) && Interlocked.Decrement(ref times) >= 0 ? fault : Fault.None;

    [Theory]
    [InlineData(nameof(Fault.NotCommitted))]
    [InlineData(nameof(Fault.UnknownNotDone))]
    public async Task Start_WhenItIsNotWritten_IsUnavailableAndNothingIsHalfStarted(string fault)
    {
        var service = new TestService();
        await using var engine = await Fixture(service).StartAsync();
        engine.Faulty.OnCommit = First(1, "started", Enum.Parse<Fault>(fault));
        Assert.Equal(
            SagaRefusal.Unavailable,
            Refused(await engine.TryStartAsync("job", new Job(), id: "x", requestId: "k", wait: TimeSpan.FromSeconds(30)))
        );
        await engine.IdleAsync();
        Assert.Empty(service.Calls);
        Assert.Null(await engine.Sagas.GetAsync(new SagaKey(new SagaId("x")), CancellationToken.None));
        Assert.Equal(SagaStatus.Completed, (await engine.RunAsync("job", new Job(), id: "x", requestId: "k")).Status);
        Assert.Equal(["do a 1", "do b 1"], service.Calls);
    }

    [Fact]
    public async Task Start_WhenNobodyKnowsButItWasWritten_RunsOnceAndTheRepeatNamesIt()
    {
        var service = new TestService();
        await using var engine = await Fixture(service).StartAsync();
        engine.Faulty.OnCommit = First(1, "started", Fault.UnknownDone);
        Assert.Equal(SagaRefusal.Unavailable, Refused(await engine.TryStartAsync("job", new Job(), requestId: "k")));
        var view = await engine.RunAsync("job", new Job(), requestId: "k");
        Assert.Equal(SagaStatus.Completed, view.Status);
        Assert.Equal(["do a 1", "do b 1"], service.Calls);
        Assert.Single((await engine.Sagas.ListAsync(new(), CancellationToken.None)).Items);
        await engine.IdleAsync();
    }

    [Theory]
    [InlineData(nameof(Fault.NotCommitted))]
    [InlineData(nameof(Fault.UnknownNotDone))]
    [InlineData(nameof(Fault.UnknownDone))]
    public async Task Answer_WhenTheStoreFails_IsTriedUntilItIsDurable(string fault)
    {
        var (time, service) = (new ManualTime(), new TestService());
        await using var engine = await Fixture(service, time).StartAsync();
        var failures = 4;
        engine.Faulty.OnCommit = commit =>
            Has(commit, "step-succeeded") && Interlocked.Decrement(ref failures) >= 0 ? Enum.Parse<Fault>(fault) : Fault.None;
        var view = await engine.BeginAsync("job", new Job());
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, Step);
        Assert.Equal(SagaStatus.Completed, (await end).Status);
        Assert.Equal(["do a 1", "do b 1"], service.Calls);
        Assert.Equal(["started", "step-succeeded", "step-succeeded", "ended"], await engine.EventsAsync(view.Id));
    }

    [Theory]
    [InlineData(nameof(Fault.NotCommitted))]
    [InlineData(nameof(Fault.UnknownNotDone))]
    [InlineData(nameof(Fault.UnknownDone))]
    public async Task Act_WhenTheStoreFails_IsUnavailableAndARepeatSettlesIt(string fault)
    {
        var (service, gate) = (new TestService(), new Gate());
        await using var engine = await Fixture(service, gate: gate).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        engine.Faulty.OnCommit = First(1, "paused", Enum.Parse<Fault>(fault));
        Assert.Equal(SagaRefusal.Unavailable, Refused(await engine.ActAsync(view.Id, OperatorAction.Pause, requestId: "p")));
        Assert.Equal(
            SagaStatus.Paused,
            Assert.IsType<SagaResult.Accepted>(await engine.ActAsync(view.Id, OperatorAction.Pause, requestId: "p")).View.Status
        );
        Assert.Equal(1, (await engine.EventsAsync(view.Id)).Count(name => name == "paused"));
        gate.Open();
        await engine.BecomesAsync(view.Id, now => now.Steps[0].Status == StepStatus.Succeeded);
        await engine.ActAsync(view.Id, OperatorAction.Resume);
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(view.Id)).Status);
        Assert.Equal(["do a 1", "do b 1"], service.Calls);
    }

    [Fact]
    public async Task Settle_WhenTheStoreCannotBeReadForAWhile_CallersAreToldAndItGoesOn()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var engine = await Fixture(service, time, gate).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        var broken = true;
        engine.Faulty.OnCommit = First(1, "step-succeeded", Fault.UnknownDone);
        engine.Faulty.OnLoad = _ => Volatile.Read(ref broken);
        gate.Open();
        await time.HasTimerAsync(TimeSpan.FromMilliseconds(50));
        var verb = engine.ActAsync(view.Id, OperatorAction.Pause);
        await time.RunUntilAsync(verb, Step);
        Assert.Equal(SagaRefusal.Unavailable, Refused(await verb));
        Volatile.Write(ref broken, false);
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, Step);
        Assert.Equal(SagaStatus.Completed, (await end).Status);
        Assert.Equal(["do a 1", "do b 1"], service.Calls);
    }

    [Fact]
    public async Task Load_WhenItFailsAtAWakeUp_IsTriedAgain()
    {
        var (time, service) = (new ManualTime(), new TestService());
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(
                            new RetryPolicy
                            {
                                MaxAttempts = 2,
                                Delay = TimeSpan.FromHours(10),
                                MaxDelay = TimeSpan.FromHours(10),
                            }
                        )
                        .Do(
                            (_, context) =>
                            {
                                service.Do(context);
                                return context.Attempt == 1 ? throw new TimeoutException() : Task.CompletedTask;
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time, Wrap = store => new FaultyStore(store) }.StartAsync();
        var view = await engine.BeginAsync("job", new Job(), id: "load-1");
        await engine.BecomesAsync(view.Id, now => now.Steps[0].Status == StepStatus.Retrying);
        await engine.IdleAsync();
        var (loads, searches) = (0, 0);
        var watched = await engine.GetAsync(view.Id);
        engine.Faulty.OnSearch = () => Interlocked.Increment(ref searches) <= 2;
        engine.Faulty.OnLoad = _ => searches > 2 && Interlocked.Increment(ref loads) <= 3;
        time.Advance(watched.Steps[0].NextAttemptAt!.Value - time.GetUtcNow());
        await time.RunUntilAsync(Wait.UntilAsync(() => service.Calls.Length == 2, "the second attempt"), TimeSpan.FromMilliseconds(200));
        Assert.True(loads > 3);
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(view.Id)).Status);
    }

    [Fact]
    public async Task Commit_WhenItConflicts_TheOwnerLoadsAgainAndNothingIsLost()
    {
        var (time, service) = (new ManualTime(), new TestService());
        await using var engine = await Fixture(service, time).StartAsync();
        engine.Faulty.OnCommit = First(1, "step-succeeded", Fault.Conflict);
        var view = await engine.BeginAsync("job", new Job());
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, Step);
        Assert.Equal(SagaStatus.Completed, (await end).Status);
        Assert.Equal(1, service.MostApplied);
    }

    [Fact]
    public async Task Commit_WhenThatOfATimerConflicts_TheSagaIsLookedAtAgain()
    {
        var (time, gate) = (new ManualTime(), new Gate());
        var saga = Jobs.Define()
            .Deadline(TimeSpan.FromSeconds(20))
            .Step("a", step => step.Do((_, _) => gate.PassAsync()).Undo((_, _) => Task.CompletedTask))
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time, Wrap = store => new FaultyStore(store) }.StartAsync();
        engine.Faulty.OnCommit = First(1, "turned-back", Fault.Conflict);
        var view = await engine.BeginAsync("job", new Job());
        await gate.Entered;
        await time.HasTimerAsync(TimeSpan.FromSeconds(20));
        time.Advance(TimeSpan.FromSeconds(20));
        var end = engine.EndAsync(view.Id);
        await time.RunUntilAsync(end, Step);
        Assert.Equal(SagaEndReason.Deadline, (await end).Reason);
        gate.Open();
    }

    [Fact]
    public async Task Answer_WhenItIsLateAndTheSagaCannotBeLoaded_IsUndoneAllTheSame()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        var saga = Jobs.Define()
            .Step("a", step => step.UndoRetry(Jobs.Far).Do((_, _) => Task.CompletedTask).Undo((_, _) => throw new TimeoutException()))
            .Step(
                "b",
                step =>
                    step.Retry(RetryPolicy.None)
                        .Do((_, _) => gate.PassAsync())
                        .Undo(
                            (_, context) =>
                            {
                                service.Note(context.Key);
                                return Task.CompletedTask;
                            }
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time, Wrap = store => new FaultyStore(store) }.StartAsync();
        var view = await engine.BeginAsync("job", new Job(), id: "late");
        await gate.Entered;
        await time.HasTimerAsync(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(30));
        await time.HasTimerAsync(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        await engine.BecomesAsync(view.Id, now => now.Steps[0].NextAttemptAt is not null);
        await engine.IdleAsync();
        var loads = 0;
        engine.Faulty.OnLoad = _ => Interlocked.Increment(ref loads) <= 4;
        gate.Open();
        await time.RunUntilAsync(Wait.UntilAsync(() => service.Calls.Length == 2, "the second undo"), Step);
        Assert.Equal(["default/late/b/1/undo", "default/late/b/2/undo"], service.Calls);
    }

    [Fact]
    public async Task Own_WhenTwoEnginesShareAStore_OneCommitsAndTheSagaEndsOnce()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        await using var first = await Fixture(service, time, gate).StartAsync();
        var view = await first.BeginAsync("job", new Job());
        await gate.Entered;
        var shared = first.Faulty;
        var second = new EngineFixture(Fixture(service).Definitions) { Time = time, Wrap = _ => new Borrowed(shared) };
        await second.StartAsync();
        var end = await second.EndAsync(view.Id);
        Assert.Equal(SagaStatus.Completed, end.Status);
        var events = await second.EventsAsync(view.Id);
        gate.Open();
        await first.IdleAsync();
        Assert.Equal(events, await first.EventsAsync(view.Id));
        Assert.Equal(1, events.Count(name => name == "ended"));
        Assert.Equal(1, service.MostApplied);
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Own_WhenAnotherEngineTookOver_TheFirstCancelsWhatRunsAndLetsGo()
    {
        var (time, service, gate) = (new ManualTime(), new TestService(), new Gate());
        var cancelled = new TaskCompletionSource();
        var calls = 0;
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do(
                        async (_, context) =>
                        {
                            if (Interlocked.Increment(ref calls) > 1)
                                return;
                            context.Cancellation.Register(() => cancelled.TrySetResult());
                            await gate.PassAsync();
                        }
                    )
            )
            .Build();
        await using var first = await new EngineFixture(saga) { Time = time, Wrap = store => new FaultyStore(store) }.StartAsync();
        var view = await first.BeginAsync("job", new Job());
        await gate.Entered;
        var shared = first.Faulty;
        var second = new EngineFixture(saga) { Time = time, Wrap = _ => new Borrowed(shared) };
        await second.StartAsync();
        await second.EndAsync(view.Id);
        Assert.Equal(SagaRefusal.NotPossible, Refused(await first.ActAsync(view.Id, OperatorAction.Pause)));
        await cancelled.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await first.IdleAsync();
        gate.Open();
        await second.DisposeAsync();
    }

    /// <summary>A store that another disposes.</summary>
    private sealed class Borrowed(ISagaStore inner) : ISagaStore
    {
        public StoreHealth Health => inner.Health;

        public Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation) =>
            inner.OpenAsync(plans, cancellation);

        public ValueTask<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw) => inner.CommitAsync(commit, withdraw);

        public Task<StoredSaga?> LoadAsync(SagaKey saga, CancellationToken cancellation) => inner.LoadAsync(saga, cancellation);

        public Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation) =>
            inner.ReadHistoryAsync(saga, after, limit, cancellation);

        public Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset now, CancellationToken cancellation) =>
            inner.FindRequestAsync(key, now, cancellation);

        public Task<StoredPage> ListAsync(SagaQuery query, CancellationToken cancellation) => inner.ListAsync(query, cancellation);

        public Task<IReadOnlyList<DueSaga>> FindDueAsync(
            SagaPartition partition,
            DateTimeOffset until,
            DueSaga? after,
            int limit,
            CancellationToken cancellation
        ) => inner.FindDueAsync(partition, until, after, limit, cancellation);

        public Task<IReadOnlyList<DueSaga>> FindHeldAsync(DueSaga? after, int limit, CancellationToken cancellation) =>
            inner.FindHeldAsync(after, limit, cancellation);

        public Task<IReadOnlyList<DueSaga>> FindOrphansAsync(
            SagaPartition partition,
            IReadOnlyCollection<Incarnation> alive,
            DueSaga? after,
            int limit,
            CancellationToken cancellation
        ) => inner.FindOrphansAsync(partition, alive, after, limit, cancellation);

        public Task<SagaCounts> CountAsync(SagaPartition partition, int limit, CancellationToken cancellation) =>
            inner.CountAsync(partition, limit, cancellation);

        public Task<int> PurgeAsync(DateTimeOffset endedBefore, DateTimeOffset now, int limit, CancellationToken cancellation) =>
            inner.PurgeAsync(endedBefore, now, limit, cancellation);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
