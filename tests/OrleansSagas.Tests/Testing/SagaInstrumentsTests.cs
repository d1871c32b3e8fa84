using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Testing;
using OrleansSagas.TestKit;

namespace OrleansSagas.Tests.Testing;

/// <summary>What is counted and measured of sagas: each thing once, when it is durable.</summary>
public sealed class SagaInstrumentsTests : IDisposable
{
    private readonly Agency _agency = new();
    private readonly MeterRecording _meters = new();

    public void Dispose() => _meters.Dispose();

    private Task<SagaTestHost> HostAsync(Action<SagaTestOptions>? more = null, SagaDefinition? definition = null) =>
        Trips.HostAsync(
            _agency,
            test =>
            {
                test.Services.AddSingleton<IMeterFactory>(_meters);
                more?.Invoke(test);
            },
            definition
        );

    private string[] Counted => _meters.Counted("orleanssagas.saga", "orleanssagas.step", "orleanssagas.undo", "orleanssagas.wakeup");

    [Fact]
    public async Task Run_WhenASagaCompletes_CountsAndMeasuresEachThingOnce()
    {
        await using var host = await HostAsync();
        _agency.Before = _ => Task.Delay(TimeSpan.FromSeconds(2), host.Time);

        await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal(
            [
                "orleanssagas.saga.duration saga.type=trip saga.status=Completed",
                "orleanssagas.saga.ended saga.type=trip saga.status=Completed",
                "orleanssagas.saga.started saga.type=trip",
                "orleanssagas.step.duration saga.type=trip saga.step=book-flight outcome=success",
                "orleanssagas.step.duration saga.type=trip saga.step=book-hotel outcome=success",
                "orleanssagas.step.duration saga.type=trip saga.step=send-tickets outcome=success",
            ],
            Counted
        );
        Assert.Equal([2, 2, 2], _meters.Values("orleanssagas.step.duration"));
        Assert.Equal([6], _meters.Values("orleanssagas.saga.duration"));
    }

    [Fact]
    public async Task Run_WhenAStepIsRejected_CountsTheFailureAndEachUndo()
    {
        await using var host = await HostAsync();
        host.Faults.Step("send-tickets").IsRejected();

        await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal(
            [
                "orleanssagas.saga.duration saga.type=trip saga.status=Compensated",
                "orleanssagas.saga.ended saga.type=trip saga.status=Compensated",
                "orleanssagas.saga.started saga.type=trip",
                "orleanssagas.saga.turned_back saga.type=trip saga.reason=Failed",
                "orleanssagas.step.duration saga.type=trip saga.step=book-flight outcome=success",
                "orleanssagas.step.duration saga.type=trip saga.step=book-hotel outcome=success",
                "orleanssagas.step.duration saga.type=trip saga.step=send-tickets outcome=rejected",
                "orleanssagas.step.failed saga.type=trip saga.step=send-tickets",
                "orleanssagas.undo.duration saga.type=trip saga.step=book-flight outcome=success",
                "orleanssagas.undo.duration saga.type=trip saga.step=book-hotel outcome=success",
                "orleanssagas.undo.succeeded saga.type=trip saga.step=book-flight",
                "orleanssagas.undo.succeeded saga.type=trip saga.step=book-hotel",
            ],
            Counted
        );
    }

    [Fact]
    public async Task Run_WhenAttemptsFail_CountsTheRetriesAndHowLateTheyWere()
    {
        await using var host = await HostAsync();
        host.Faults.Step("book-flight").Fails(2);

        await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal(
            [
                "orleanssagas.step.retries saga.type=trip saga.step=book-flight",
                "orleanssagas.step.retries saga.type=trip saga.step=book-flight",
            ],
            _meters.Counted("orleanssagas.step.retries")
        );
        Assert.Equal(
            2,
            _meters.Counted("orleanssagas.step.duration").Count(one => one.EndsWith("book-flight outcome=error", StringComparison.Ordinal))
        );
        var lags = _meters.Values("orleanssagas.wakeup.lag");
        Assert.Equal(2, lags.Length);
        Assert.All(lags, lag => Assert.InRange(lag, 0, 0.002));
        Assert.Empty(_meters.Counted("orleanssagas.step.failed", "orleanssagas.undo"));
    }

    [Fact]
    public async Task Undo_WhenItFailsForGood_IsCountedOnce_AndTheSagaIsShownAsStuckUntilItEnds()
    {
        await using var host = await HostAsync();
        host.Faults.Step("send-tickets").IsRejected();
        host.Faults.Undo("book-hotel").AlwaysFails();
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));
        var stuck = await host.WaitForAsync(saga.Id, trip => trip.Status == SagaStatus.Stuck);

        var attempts = stuck.Steps[0].UndoAttempts;
        Assert.Equal(["orleanssagas.undo.failed saga.type=trip saga.step=book-hotel"], _meters.Counted("orleanssagas.undo.failed"));
        Assert.Equal(attempts - 1, _meters.Counted("orleanssagas.undo.retries").Length);
        Assert.Empty(_meters.Counted("orleanssagas.saga.ended"));

        await host.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal((1, 0), (_meters.Gauge("orleanssagas.saga.stuck"), _meters.Gauge("orleanssagas.saga.held")));
        await saga.ResolveAsync("by hand");
        await saga.WaitAsync();
        await host.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(0, _meters.Gauge("orleanssagas.saga.stuck"));
        Assert.Single(_meters.Counted("orleanssagas.saga.ended"));
    }

    [Fact]
    public async Task Gauges_ShowWhatIsInMemoryAndWhatWaits()
    {
        var far = RetryPolicy.Default with { Delay = TimeSpan.FromDays(300), MaxDelay = TimeSpan.FromDays(300), MaxAttempts = 3 };
        await using var host = await HostAsync(test => test.Within = TimeSpan.FromDays(900), Trips.Define(retry: far));
        Assert.Equal((0, 0), (_meters.Gauge("orleanssagas.saga.active"), _meters.Gauge("orleanssagas.saga.waiting")));
        host.Faults.Step("book-flight").Fails();
        var gate = new TaskCompletionSource();
        _agency.Before = _ => gate.Task;
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));
        Assert.Equal(1, _meters.Gauge("orleanssagas.saga.active"));

        gate.SetResult();
        await host.WaitForAsync(saga.Id, trip => trip.Steps[1].NextAttemptAt is not null);
        await host.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal((0, 1), (_meters.Gauge("orleanssagas.saga.active"), _meters.Gauge("orleanssagas.saga.waiting")));
        await saga.WaitAsync(TimeSpan.FromDays(800));
        await host.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal((0, 0), (_meters.Gauge("orleanssagas.saga.active"), _meters.Gauge("orleanssagas.saga.waiting")));
    }

    [Fact]
    public async Task Gauges_WhenWhatWasCountedIsOld_ShowNothing()
    {
        await using var host = await HostAsync();
        Assert.NotNull(_meters.Gauge("orleanssagas.saga.stuck"));
        host.Faults.Store.IsAwayFor(TimeSpan.FromDays(1));
        await host.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Null(_meters.Gauge("orleanssagas.saga.stuck"));
    }

    /// <summary>Pauses long enough for something to happen meanwhile.</summary>
    private static readonly RetryPolicy Slow = new()
    {
        MaxAttempts = 3,
        Delay = TimeSpan.FromMinutes(20),
        MaxDelay = TimeSpan.FromMinutes(20),
    };

    [Fact]
    public async Task Wake_WhenTheProcessWasDown_IsAsLateAsItWas()
    {
        await using var host = await HostAsync(definition: Trips.Define(retry: Slow));
        host.Faults.Step("book-flight").Fails();
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));
        var due = (await saga.GetAsync()).Steps[1].NextAttemptAt!.Value;

        await host.CrashAsync();
        await host.AdvanceAsync(TimeSpan.FromHours(3));
        var lag = host.Time.GetUtcNow() - due;
        await host.RestartAsync();
        await saga.WaitAsync();

        Assert.Equal(lag.TotalSeconds, Assert.Single(_meters.Values("orleanssagas.wakeup.lag")), tolerance: 0.01);
    }

    [Fact]
    public async Task Wake_WhenASagaWasPausedOverIt_IsNotLate()
    {
        await using var host = await HostAsync(definition: Trips.Define(retry: Slow));
        host.Faults.Step("book-flight").Fails();
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));

        await saga.PauseAsync("lunch");
        await host.AdvanceAsync(TimeSpan.FromHours(3));
        await saga.ResumeAsync("back");
        await saga.WaitAsync();

        Assert.Empty(_meters.Values("orleanssagas.wakeup.lag"));
    }

    [Fact]
    public async Task Answer_WhenItComesTooLate_IsCounted()
    {
        await using var host = await HostAsync();
        host.Faults.Step("book-flight").AnswersLate(after: TimeSpan.FromMinutes(1));

        await host.RunAsync("trip", new Trip("Anna"));
        await host.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal(["orleanssagas.step.late_answers saga.type=trip outcome=dropped"], _meters.Counted("orleanssagas.step.late_answers"));
    }

    [Fact]
    public async Task Attempt_WhenItRunsOutOfTime_IsMeasuredAsThat()
    {
        await using var host = await HostAsync();
        host.Faults.Step("book-flight").TimesOut();

        await host.RunAsync("trip", new Trip("Anna"));

        Assert.Contains(
            "orleanssagas.step.duration saga.type=trip saga.step=book-flight outcome=timeout",
            _meters.Counted("orleanssagas.step.duration")
        );
        Assert.Single(_meters.Counted("orleanssagas.step.retries"));
    }

    /// <summary>The counters are the process's: what it could not count before it died is lost. Nothing is ever counted twice.</summary>
    [Theory]
    [MemberData(nameof(ProcessFaultTests.EveryCommit), MemberType = typeof(ProcessFaultTests))]
    public async Task Crash_AtAnyCommit_CountsNothingTwice(int commit, bool isBefore, bool isRejected)
    {
        await using var host = await HostAsync();
        if (isRejected)
            host.Faults.Step("send-tickets").IsRejected();
        if (isBefore)
            host.Faults.CrashBeforeCommit(commit);
        else
            host.Faults.CrashAfterCommit(commit);

        await host.RunAsync("trip", new Trip("Anna"));

        var isLast = commit == (isRejected ? 6 : 4);
        var counted = _meters.Counted(
            "orleanssagas.saga.ended",
            "orleanssagas.saga.started",
            "orleanssagas.saga.turned_back",
            "orleanssagas.step.failed",
            "orleanssagas.undo.succeeded"
        );
        Assert.Equal(counted.Distinct(), counted);
        Assert.Equal(isBefore || !isLast ? 1 : 0, _meters.Counted("orleanssagas.saga.ended").Length);
        Assert.Equal(isBefore || commit > 1 ? 1 : 0, _meters.Counted("orleanssagas.saga.started").Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Store_WhenItDoesNotSayWhatBecameOfCommits_EachThingIsCountedOnce(bool isWritten)
    {
        await using var host = await HostAsync();
        if (isWritten)
            host.Faults.Store.LosesAnswers(3);
        else
            host.Faults.Store.LosesCommits(3);

        await host.RunAsync("trip", new Trip("Anna"), within: TimeSpan.FromMinutes(1));

        Assert.Equal(
            ["orleanssagas.saga.ended saga.type=trip saga.status=Completed", "orleanssagas.saga.started saga.type=trip"],
            _meters.Counted("orleanssagas.saga.ended", "orleanssagas.saga.started")
        );
        Assert.Equal(
            3,
            _meters.Counted("orleanssagas.commit.duration").Count(one => one.EndsWith("outcome=unknown", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task Ended_WhenItIsLoadedAgain_IsNotCountedAgain()
    {
        await using var host = await HostAsync();
        var end = await host.RunAsync("trip", new Trip("Anna"));
        var counted = Counted;

        await host.RestartAsync();
        await host.Client.Get(end.Id).GetAsync();
        await Assert.ThrowsAsync<SagaNotPossibleException>(() => host.Client.Get(end.Id).PauseAsync("too late"));
        await host.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.Equal(counted, Counted);
    }
}
