using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Execution;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests.Engines;

/// <summary>
/// A process that is closed while its commit is under way, as where an activation is given no time to end: it has no part in what comes of
/// it.
/// </summary>
public sealed class LocalCloseTests
{
    private static readonly CancellationToken NoTime = new(canceled: true);

    [Fact]
    public async Task Close_WhileACommitBecomesUnknown_DoesNotSayThatNothingWasDone()
    {
        var (committing, step) = (new Gate(), new Gate());
        var saga = Jobs.Define().Step("a", one => one.Retry(Jobs.AtOnce(3)).Do((_, _) => step.PassAsync())).Build();
        await using var engine = await new EngineFixture(saga) { Wrap = store => new FaultyStore(store) }.StartAsync();
        var id = (await engine.BeginAsync("job", new Job())).Id;
        await step.Entered;

        var isFirst = true;
        engine.Faulty.BeforeCommit = _ => committing.PassAsync();
        engine.Faulty.OnCommit = _ => isFirst && !(isFirst = false) ? Fault.UnknownDone : Fault.None;
        var pause = engine.ActAsync(id, OperatorAction.Pause);
        await committing.Entered;
        await Process(engine).ReleaseAsync(NoTime);
        committing.Open();

        // It was done; all that can be said is that nobody knows.
        var refused = Assert.IsType<SagaResult.Refused>(await pause);
        Assert.Equal(SagaRefusal.Unavailable, refused.Refusal);
        Assert.Contains("did not say whether it wrote this", refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing was done", refused.Detail, StringComparison.Ordinal);
        step.Open();
        await engine.BecomesAsync(id, view => view.Status == SagaStatus.Paused);
        await engine.ActAsync(id, OperatorAction.Resume);
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(id)).Status);
    }

    [Fact]
    public async Task Close_WhileACommitIsUnderWay_CountsWhatItMadeDurableOnce()
    {
        using var meters = new MeterRecording();
        var (committing, step) = (new Gate(), new Gate());
        var saga = Jobs.Define().Step("a", one => one.Do((_, _) => step.PassAsync())).Build();
        await using var engine = await new EngineFixture(saga)
        {
            Wrap = store => new FaultyStore(store),
            Services = services => services.AddSingleton<IMeterFactory>(meters),
        }.StartAsync();
        var id = (await engine.BeginAsync("job", new Job())).Id;
        await step.Entered;
        engine.Faulty.BeforeCommit = _ => committing.PassAsync();
        step.Open();
        await committing.Entered;
        await Process(engine).ReleaseAsync(NoTime);
        committing.Open();
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(id)).Status);
        await engine.IdleAsync();
        await engine.StopAsync();

        Assert.Equal(
            [
                "orleanssagas.saga.duration saga.type=job saga.status=Completed",
                "orleanssagas.saga.ended saga.type=job saga.status=Completed",
                "orleanssagas.saga.started saga.type=job",
            ],
            meters.Counted("orleanssagas.saga")
        );
    }

    [Fact]
    public async Task Close_WhileACommitFails_BeginsNothingMore()
    {
        var (committing, second, time, calls) = (new Gate(), new Gate(), new ManualTime(), 0);
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Retry(new RetryPolicy { MaxAttempts = 3, Delay = TimeSpan.FromSeconds(5) })
                        .Do(
                            (_, _) =>
                                Interlocked.Increment(ref calls) == 1
                                    ? Task.FromException(new InvalidOperationException("Not yet."))
                                    : second.PassAsync()
                        )
            )
            .Build();
        await using var engine = await new EngineFixture(saga) { Wrap = store => new FaultyStore(store), Time = time }.StartAsync();
        var id = (await engine.BeginAsync("job", new Job(), id: "due")).Id;
        var view = await engine.BecomesAsync(id, now => now.Steps[0].NextAttemptAt is not null);
        var pause = view.Steps[0].NextAttemptAt!.Value - time.GetUtcNow();
        Assert.True(pause > TimeSpan.Zero, "The second attempt is due at once: take another id, from which the pause follows.");
        await time.HasTimerAsync(pause);

        engine.Faulty.BeforeCommit = _ => committing.PassAsync();
        engine.Faulty.OnCommit = _ => Fault.NotCommitted;
        var verb = engine.ActAsync(id, OperatorAction.Pause);
        await committing.Entered;
        await Process(engine).DetachAsync(NoTime);

        // The second attempt is due by now, and it is the next process that begins it, and nobody else.
        time.Advance(pause + TimeSpan.FromMilliseconds(1));
        engine.Faulty.BeforeCommit = _ => Task.CompletedTask;
        committing.Open();
        Assert.IsType<SagaResult.Refused>(await verb);
        engine.Faulty.OnCommit = _ => Fault.None;

        // There is nothing to resume, and the saga is loaded. The process that the refused call was sent on to may wait before it tries its
        // commit again.
        await time.RunUntilAsync(engine.ActAsync(id, OperatorAction.Resume), TimeSpan.FromMilliseconds(100));
        await second.Entered;
        second.Open();
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(id)).Status);
        Assert.Equal(2, Volatile.Read(ref calls));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_WhenWhoWakesIsNotAnswered_EndsAllTheSame(bool isCutShort)
    {
        var (step, time) = (new Gate(), new ManualTime());
        var saga = Jobs.Define()
            .Step("a", one => one.Retry(Jobs.AtOnce(3)).Do((_, context) => step.PassAsync(context.Cancellation)))
            .Build();
        await using var engine = await new EngineFixture(saga) { Time = time }.StartAsync();
        var id = (await engine.BeginAsync("job", new Job())).Id;
        await step.Entered;
        var stopping = ((TestEngine)engine.Engine).Held.StopAsync(
            new TaskCompletionSource().Task,
            isCutShort ? NoTime : CancellationToken.None
        );
        await time.RunUntilAsync(stopping, TimeSpan.FromMilliseconds(100));
        var stored = await engine.Store.LoadAsync(new SagaKey(id), CancellationToken.None);
        Assert.Equal(["started", "step-interrupted"], stored!.Entries.Select(entry => entry.Name));
        Assert.Null(stored.Row.Owner);
    }

    private static SagaProcess Process(EngineFixture engine) => Assert.Single(((TestEngine)engine.Engine).Held.All);
}
