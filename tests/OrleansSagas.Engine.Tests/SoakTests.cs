using System.Collections.Concurrent;
using OrleansSagas.Storage;

namespace OrleansSagas.Engine.Tests;

/// <summary>Everything at once, by a seed: disturbed steps, a disk that fails, engines that stop and die.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private static readonly string[] Steps = ["a", "b", "c"];

    [Fact]
    public Task Run_WhenEverythingFailsAtRandom_NothingIsDoubledLostOrLeft() => SoakAsync(Environment.TickCount, TimeSpan.FromSeconds(6));

    private async Task SoakAsync(int seed, TimeSpan howLong)
    {
        output.WriteLine($"Seed {seed}.");
        var chaos = new Chaos(seed);
        var service = new TestService();
        var plans = new ConcurrentDictionary<string, bool>();
        await using var engine = new EngineFixture(
            options => (options.StopTimeout, options.IdleAfter) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)),
            Disturbed(service, chaos)
        )
        {
            Wrap = store => new FaultyStore(store),
        };
        await engine.StartAsync(chaos.Disturb);
        using var turn = new SemaphoreSlim(1);
        using var over = new CancellationTokenSource(howLong);
        var actors = Enumerable.Range(0, 8).Select(actor => Task.Run(() => ActAsync(actor))).ToArray();
        var restarts = 0;
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(chaos.Next(300, 900));
            await turn.WaitAsync();
            try
            {
                if (chaos.Next(2) == 0)
                    await engine.StopAsync();
                else
                    await CrashAsync(engine);
                await engine.StartAsync(chaos.Disturb);
                restarts++;
            }
            finally
            {
                turn.Release();
            }
        }

        await Task.WhenAll(actors);
        chaos.IsCalm = true;
        await CheckAsync();

        async Task ActAsync(int actor)
        {
            for (var i = 0; !over.IsCancellationRequested; i++)
            {
                var id = $"{actor}-{i}";
                for (var answered = false; !answered; )
                {
                    await turn.WaitAsync();
                    Task<SagaResult> start;
                    try
                    {
                        start = engine.TryStartAsync(
                            "soak",
                            new Job(id),
                            id: id,
                            requestId: id,
                            wait: chaos.Next(4) == 0 ? TimeSpan.FromMilliseconds(50) : default
                        );
                    }
                    finally
                    {
                        turn.Release();
                    }

                    var answer = await Bounded(start, $"the start of {id}");
                    answered = answer is SagaResult.Accepted;
                    if (answer is SagaResult.Refused { Refusal: not (SagaRefusal.Unavailable or SagaRefusal.Overloaded) } refused)
                        Assert.Fail($"Seed {seed}: the start of {id} was refused: {refused.Refusal} {refused.Detail}");
                    if (!answered)
                        await Task.Delay(5);
                }

                plans[id] = true;
                await Task.Delay(chaos.Next(0, 6));
                if (chaos.Next(6) != 0)
                    continue;
                var verb = chaos.Next(4) switch
                {
                    0 => OperatorAction.Pause,
                    1 => OperatorAction.Resume,
                    _ => OperatorAction.Cancel,
                };
                await turn.WaitAsync();
                Task<SagaResult> act;
                try
                {
                    act = engine.ActAsync(new SagaId(id), verb, requestId: $"{id}-{verb}");
                }
                finally
                {
                    turn.Release();
                }

                await Bounded(act, $"{verb} of {id}");
            }
        }

        async Task<SagaResult> Bounded(Task<SagaResult> task, string what)
        {
            try
            {
                return await task.WaitAsync(TimeSpan.FromSeconds(15));
            }
            catch (DeadProcessException)
            {
                return new SagaResult.Refused(SagaRefusal.Unavailable, "The connection broke.");
            }
            catch (TimeoutException)
            {
                Assert.Fail($"Seed {seed}: waited 15 s for {what}.");
                throw;
            }
        }

        async Task CheckAsync()
        {
            var (completed, undone, stuck) = (0, 0, 0);
            foreach (var id in plans.Keys)
            {
                var saga = new SagaId(id);
                var view = await engine.GetAsync(saga);
                for (
                    var began = Environment.TickCount64;
                    !view.Status.IsTerminal() && Environment.TickCount64 - began < 15_000;
                    view = await engine.GetAsync(saga)
                )
                {
                    if (view.Status is SagaStatus.Stuck)
                        break;
                    if (view.Status is SagaStatus.Paused)
                        await engine.ActAsync(saga, OperatorAction.Resume);
                    await Task.Delay(5);
                }

                var events = string.Join(" ", await engine.EventsAsync(saga));
                var row = await engine.RowAsync(saga);
                var standing = Steps.Where(step => service.Stands($"default/{id}/{step}/1/do")).ToArray();
                var what =
                    $"Seed {seed}, saga {id}, {view.Status} {view.Reason}, row {row.Status} owner {row.Owner} wake {row.WakeAt}, "
                    + $"standing {string.Join(",", standing)}: {events}; calls: {string.Join(", ", service.CallsOf(id))}";
                if (view.Status == SagaStatus.Stuck)
                {
                    stuck++;
                    continue;
                }

                Assert.True(view.Status.IsTerminal(), $"It has not ended. {what}");
                if (view.Status == SagaStatus.Completed)
                    Assert.True(standing.SequenceEqual(Steps), $"It completed, and not everything is done. {what}");
                else
                    Assert.True(standing.Length == 0, $"It did not complete, and not everything is undone. {what}");
                Assert.Equal((view.Status, null), (row.Status, row.Owner));
                _ = view.Status == SagaStatus.Completed ? completed++ : undone++;
            }

            Assert.Equal(1, service.MostApplied);
            output.WriteLine(
                $"{plans.Count} sagas, {restarts} restarts: {completed} completed, {undone} undone, {stuck} stuck. {chaos.Faults} "
                    + "faults of the store."
            );
            Assert.True(completed > 0 && undone > 0, $"Seed {seed}: {completed} completed, {undone} undone.");
        }
    }

    /// <summary>The process dies between two commits: from now on nothing of what it writes counts.</summary>
    private static async Task CrashAsync(EngineFixture engine)
    {
        await engine.Faulty.FreezeAsync();
        engine.Crash();
    }

    private static SagaDefinition Disturbed(TestService service, Chaos chaos)
    {
        var retry = new RetryPolicy { MaxAttempts = 4, Delay = TimeSpan.FromMilliseconds(20) };
        var saga = Saga.Define<Job>("soak");
        foreach (var name in Steps)
            saga.Step(
                name,
                step =>
                    step.Retry(retry)
                        .UndoRetry(new RetryPolicy { MaxAttempts = null, Delay = TimeSpan.FromMilliseconds(20) })
                        .Timeout(TimeSpan.FromMilliseconds(150))
                        .Do(
                            async (_, context) =>
                            {
                                switch (chaos.Next(24))
                                {
                                    case 0:
                                        throw new InvalidOperationException("failed before");
                                    case 1:
                                        service.Do(context);
                                        throw new InvalidOperationException("failed after");
                                    case 2 when context.Attempt == 1:
                                        throw new StepRejectedException("rejected");
                                    case 3:
                                        await Task.Delay(Timeout.InfiniteTimeSpan, context.Cancellation);
                                        break;
                                    case 4:
                                        service.Do(context);
                                        await Task.Delay(200);
                                        return 1;
                                    case 5:
                                        await Task.Delay(chaos.Next(1, 40), context.Stopping);
                                        break;
                                }

                                service.Do(context);
                                return 1;
                            },
                            (job, one) => job with { Count = job.Count + one }
                        )
                        .Undo(
                            async (_, context) =>
                            {
                                switch (chaos.Next(12))
                                {
                                    case 0:
                                        throw new InvalidOperationException("failed before");
                                    case 1:
                                        service.Undo(context);
                                        throw new InvalidOperationException("failed after");
                                    case 2:
                                        await Task.Delay(chaos.Next(1, 40), context.Stopping);
                                        break;
                                }

                                service.Undo(context);
                            }
                        )
            );
        return saga.Build();
    }

    private sealed class Chaos(int seed)
    {
        private readonly Random _random = new(seed);
        private int _faults;

        public bool IsCalm { get; set; }

        public int Faults => _faults;

        public int Next(int below) => Next(0, below);

        public int Next(int from, int below)
        {
            lock (_random)
                return _random.Next(from, below);
        }

        public void Disturb(FaultyStore store)
        {
            store.OnCommit = commit =>
                Next(IsCalm ? 1 : 40) switch
                {
                    1 => Count(Fault.NotCommitted),
                    2 => Count(Fault.UnknownDone),
                    3 => Count(Fault.UnknownNotDone),
                    4 when commit.NewSaga is null => Count(Fault.Conflict),
                    _ => Fault.None,
                };
            store.OnLoad = _ => !IsCalm && Next(20) == 0;
            store.OnSearch = () => !IsCalm && Next(20) == 0;
        }

        private Fault Count(Fault fault)
        {
            Interlocked.Increment(ref _faults);
            return fault;
        }
    }
}
