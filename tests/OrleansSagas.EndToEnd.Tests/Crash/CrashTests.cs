using System.Diagnostics;
using OrleansSagas.TestKit.Silos.Auditing;
using OrleansSagas.TestKit.Silos.Loading;
using OrleansSagas.TestKit.Silos.Recovering;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests.Crash;

/// <summary>
/// The real silo, loaded and killed again and again at random moments: what it has acknowledged ends, and nothing is done twice.
/// <c>CRASH_KILLS=500 CRASH_SEED=17 dotnet test tests/OrleansSagas.EndToEnd.Tests --filter CrashTests</c>
/// </summary>
[Collection(nameof(RunsAlone))]
public sealed class CrashTests(ITestOutputHelper output)
{
    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task KilledAtRandomMoments_KeepsEveryPromise()
    {
        var plan = CrashPlan.FromEnvironment();
        Say($"{plan.Kills} kills, CRASH_SEED={plan.Seed}");
        using var place = new SiloPlace();
        try
        {
            await RunAsync(plan, place);
        }
        catch (Exception failure)
        {
            place.IsKept = true;
            throw new InvalidOperationException(
                $"With CRASH_KILLS={plan.Kills} CRASH_SEED={plan.Seed}, data in {place.Directory}: "
                    + $"{failure.Message}{Environment.NewLine}{place.LogTail()}",
                failure
            );
        }
    }

    private async Task RunAsync(CrashPlan plan, SiloPlace place)
    {
        var wrongs = new Wrongs();
        var sagas = place.Client(options =>
        {
            options.RetryFor = TimeSpan.FromMinutes(2);
            options.RetryDelay = TimeSpan.FromMilliseconds(5);
            options.MaxRetryDelay = TimeSpan.FromMilliseconds(40);
        });
        var load = new Load(sagas, plan.Seed, wrongs);
        var operators = new Operators(sagas, place.Http(), load, plan.Seed, wrongs);
        load.Begin();
        operators.Begin();

        var recoveries = new List<Recovery>();
        foreach (var (afterReady, pause) in plan.Moments())
            recoveries.Add(await LiveAndDieAsync(place, sagas, load, recoveries.Count + 1, afterReady, pause));

        await using var silo = SiloProcess.Start(place);
        var last = new RecoveryWatch(silo, sagas, load.NextAcknowledgement());
        await last.RunAsync(CancellationToken.None).WaitAsync(ToEnd);
        await Task.WhenAll(load.EndAsync(), operators.EndAsync()).WaitAsync(ToEnd);
        recoveries.Add(last.Result);
        Say($"the last start: {last.Result}");

        var unknown = load.Promises.Count(promise => promise.Saga is null);
        var drained = await Draining.EndAllAsync(sagas, operators, ToEnd);
        var audited = Stopwatch.StartNew();
        var audit = new Audit(sagas, place.Http(), load.Promises, operators.Deeds, wrongs);
        await audit.RunAsync();
        Summarise(plan, load, unknown, operators, recoveries, audit, drained, audited.Elapsed);
        Assert.False(wrongs.Any, wrongs.ToString());
        Assert.True(
            recoveries.Sum(one => one.Unfinished ?? 0) >= plan.Kills,
            "The load was to leave something unfinished at each kill; there was next to nothing to recover."
        );
    }

    private async Task<Recovery> LiveAndDieAsync(SiloPlace place, ISagaClient sagas, Load load, int number, bool afterReady, TimeSpan pause)
    {
        await using var silo = SiloProcess.Start(place);
        var watch = new RecoveryWatch(silo, sagas, load.NextAcknowledgement());
        using var killed = new CancellationTokenSource();
        var watching = watch.RunAsync(killed.Token);
        if (afterReady)
            await watch.IsReady.Task;
        await Task.Delay(pause);
        await killed.CancelAsync();
        await silo.KillAsync();
        await watching;
        Say($"kill {number}, {pause.TotalMilliseconds:0} ms after {(afterReady ? "it was ready" : "its start")}: {watch.Result}");
        return watch.Result;
    }

    private void Summarise(
        CrashPlan plan,
        Load load,
        int unknown,
        Operators operators,
        List<Recovery> recoveries,
        Audit audit,
        TimeSpan drained,
        TimeSpan audited
    )
    {
        var unfinished = recoveries.Select(one => one.Unfinished).OfType<int>().ToList();
        Print(
            $"{plan.Kills} kills (seed {plan.Seed}): {load.Promises.Count} requests, {unknown} of them not acknowledged before their "
                + $"callers hung up, {load.Repeats} repeated on purpose, {operators.Deeds.Count} operator's verbs "
                + $"({operators.Deeds.Count(deed => deed.IsDone)} done)"
        );
        Print($"ended: {audit}");
        Print($"unfinished at a kill: {unfinished.Sum()} in all, {(unfinished.Count == 0 ? 0 : unfinished.Average()):0} on average");
        Print(Recovery.Summary("start to ready", recoveries.Select(one => one.Ready)));
        Print(Recovery.Summary("start to the first new saga", recoveries.Select(one => one.Acknowledged)));
        Print(Recovery.Summary("start until all that was unfinished moved on", recoveries.Select(one => one.MovedOn)));
        Print($"all ended {drained.TotalSeconds:0.0} s after the load; audited in {audited.TotalSeconds:0.0} s");
    }

    private void Say(string line) => output.WriteLine(line);

    /// <summary>Says it where a passed test is seen too.</summary>
    private void Print(string line)
    {
        Say(line);
        TestContext.Current.SendDiagnosticMessage(line);
    }
}
