using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansSagas.TestKit;
using OrleansSagas.TestKit.Silos.Auditing;
using OrleansSagas.TestKit.Silos.Loading;
using OrleansSagas.TestKit.Silos.Recovering;

namespace OrleansSagas.EndToEnd.Tests.Cluster;

/// <summary>Three real silos over PostgreSQL, which lose one another.</summary>
[Collection(nameof(RunsAlone))]
public sealed class ClusterTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Silos = 3;

    private static readonly Regex LinkOf = new("(?:src|href)=\"([^\"#]+)\"");

    /// <summary>What the cluster promises (docs/orleans.md).</summary>
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterDeclared = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(90);

    private ClusterPlace _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(ThrowawayPostgres.Obstacle is not null, ThrowawayPostgres.Obstacle ?? "");
        _cluster = await ClusterPlace.StartAsync(Silos);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is null)
            return;
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            output.WriteLine(_cluster.Keep());
        await _cluster.DisposeAsync();
    }

    /// <summary>
    /// <c>CLUSTER_KILLS=20 CLUSTER_SEED=17 dotnet test tests/OrleansSagas.EndToEnd.Tests --filter Cluster.ClusterTests</c>
    /// </summary>
    [Fact]
    public async Task Kill_OfOneSiloAfterTheOtherUnderLoad_KeepsEveryPromise()
    {
        var kills = Number("CLUSTER_KILLS") ?? 2;
        var seed = Number("CLUSTER_SEED") ?? Random.Shared.Next(1_000_000);
        var (random, wrongs, takeOvers) = (new Random(seed), new Wrongs(), new List<TakeOver>());
        Print($"{kills} kills, CLUSTER_SEED={seed}");
        var load = new Load(_cluster.Sagas, seed, wrongs);
        var operators = new Operators(_cluster.Sagas, _cluster.Http, load, seed, wrongs);
        load.Begin();
        operators.Begin();
        while (takeOvers.Count < kills)
        {
            await Task.Delay(random.Next(500, 3_000));
            var victim = random.Next(Silos);
            takeOvers.Add(await TakeOver.WatchAsync(_cluster, victim, () => KillAsync(victim)));
            Print($"kill {takeOvers.Count}, of silo {victim}: {takeOvers[^1]}");
            await _cluster.StartSiloAsync(victim);
        }

        await Task.WhenAll(load.EndAsync(), operators.EndAsync()).WaitAsync(ToEnd);
        var drained = await Draining.EndAllAsync(_cluster.Sagas, operators, ToEnd);
        var audit = new Audit(_cluster.Sagas, _cluster.Http, load.Promises, operators.Deeds, wrongs);
        await audit.RunAsync();
        Print(
            $"{load.Promises.Count} requests, {load.Repeats} repeated on purpose, {operators.Deeds.Count} operator's verbs; all ended "
                + $"{drained.TotalSeconds:0.0} s after the load: {audit}"
        );
        Assert.False(wrongs.Any, wrongs.ToString());
        Assert.All(takeOvers, AssertInTime);
        Assert.True(takeOvers.Sum(one => one.Unfinished) >= kills, "There was next to nothing to take over.");
    }

    [Fact]
    public async Task Freeze_OfASilo_ItsSagasGoOnAndItComesBackToNothing()
    {
        const int victim = 0;
        var orders = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => _cluster.Sagas.StartAsync("order", SampleOrders.Slow(1.2))));
        var silo = _cluster.Leave(victim);
        await using var _ = silo;
        var takeOver = await TakeOver.WatchAsync(
            _cluster,
            victim,
            () =>
            {
                silo.Freeze();
                return Task.CompletedTask;
            }
        );
        Print($"frozen: {takeOver}");
        foreach (var order in orders)
            await order.EndsAsync(SagaStatus.Completed);
        AssertInTime(takeOver);

        // It has missed its own death: whatever it was about to write is refused, and it ends.
        silo.Continue();
        Assert.NotEqual(0, await silo.ExitAsync(TimeSpan.FromSeconds(60)));
        await _cluster.StartSiloAsync(victim);
        foreach (var order in orders)
            Assert.Equal(1, (await order.HistoryAsync().ToListAsync()).Count(entry => entry.Event == "ended"));
        Assert.True(
            await _cluster.Http.GetFromJsonAsync<BooksSummary>(new Uri("shop/books", UriKind.Relative))
                is { Conserved: true, Doubled: 0, Open: 0, Complete: 30 }
        );
    }

    [Fact]
    public async Task Replace_OfEachSiloUnderLoad_LosesNoAttempt()
    {
        var (seed, wrongs) = (Random.Shared.Next(1_000_000), new Wrongs());
        var load = new Load(_cluster.Sagas, seed, wrongs, callers: 8);
        load.Begin();
        for (var silo = 0; silo < Silos; silo++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            await using var old = _cluster.Leave(silo);
            Assert.Equal(0, await old.TerminateAsync(TimeSpan.FromSeconds(60)));
            await _cluster.StartSiloAsync(silo);
        }

        await load.EndAsync().WaitAsync(ToEnd);
        var operators = new Operators(_cluster.Sagas, _cluster.Http, load, seed, wrongs);
        await Draining.EndAllAsync(_cluster.Sagas, operators, ToEnd);
        await new Audit(_cluster.Sagas, _cluster.Http, load.Promises, operators.Deeds, wrongs).RunAsync();
        Assert.False(wrongs.Any, wrongs.ToString());
        foreach (var promise in load.Promises.Where(promise => promise.Saga is not null))
        {
            var history = await _cluster.Sagas.Get(promise.Saga!.Value).HistoryAsync().ToListAsync();
            Assert.False(
                history.Exists(entry => HistoryAudit.Text(entry, "error") == "lost"),
                $"An attempt of saga {promise.Saga} ({promise.Kind}) was lost:{Environment.NewLine}{HistoryAudit.Said(history)}"
            );
        }

        Print($"{load.Promises.Count} requests, no attempt was lost.");
    }

    [Fact]
    public async Task Kill_OfAllSilosAtOnce_TheFirstThatIsBackGoesOnAlone()
    {
        var orders = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _cluster.Sagas.StartAsync("order", SampleOrders.Slow(1))));
        await Task.WhenAll(Enumerable.Range(0, Silos).Select(KillAsync));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await _cluster.StartSiloAsync(1);
        Print($"The first silo was ready {clock.Elapsed.TotalSeconds:0.0} s after its start.");
        foreach (var one in orders)
            Assert.Equal(SagaStatus.Completed, (await one.WaitAsync(ToEnd)).Status);
        Print($"All sagas had ended {clock.Elapsed.TotalSeconds:0.0} s after it.");
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"It took {clock.Elapsed}.");
    }

    [Fact]
    public async Task Progress_OfASagaWhoseSiloDies_GoesOnOverTheOthers()
    {
        var order = await _cluster.Sagas.StartAsync("order", SampleOrders.Slow(2));
        var names = new List<string>();
        var watching = Task.Run(async () =>
        {
            await foreach (var entry in order.WatchAsync())
                lock (names)
                    names.Add(entry.Event);
        });

        // One of two silos holds it, one feeds the progress: both are gone in the end, the second when it is back at the third.
        for (var silo = 0; silo < 2; silo++)
        {
            await order.UntilAsync(view => view.Steps[silo * 2].Status == StepStatus.Succeeded, $"at step {silo * 2 + 1}");
            _ = await TakeOver.WatchAsync(_cluster, silo, () => KillAsync(silo));
        }

        await order.EndsAsync(SagaStatus.Completed);
        await watching.WaitAsync(ToEnd);
        var history = await order.HistoryAsync().ToListAsync();
        Assert.Equal(history.Select(entry => entry.Event), names);
    }

    [Fact]
    public async Task Dashboard_OfEachSilo_KnowsAllOfThem()
    {
        for (var silo = 0; silo < Silos; silo++)
        {
            using var http = _cluster.Place(silo).Http();
            await AssertCountsAllSilosAsync(http);

            // And its page, with all that the page asks for.
            var address = new Uri("orleans/", UriKind.Relative);
            var page = await http.GetStringAsync(address);
            Assert.Contains("<title>Orleans Dashboard</title>", page, StringComparison.Ordinal);
            string[] parts = [.. LinkOf.Matches(page).Select(link => link.Groups[1].Value)];
            Assert.Contains(parts, part => part.EndsWith(".js", StringComparison.Ordinal));
            foreach (var part in parts)
                Assert.NotEmpty(await http.GetByteArrayAsync(new Uri(new Uri(http.BaseAddress!, address), part)));
        }
    }

    /// <summary>The dashboard collects its figures every few seconds, and shows zeros until it has.</summary>
    private static async Task AssertCountsAllSilosAsync(HttpClient http)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var counters = await http.GetFromJsonAsync<JsonElement>(new Uri("orleans/DashboardCounters", UriKind.Relative));
            var counted = counters.GetProperty("totalActiveHostCount").GetInt32();
            if (counted == Silos)
                return;
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30), $"The dashboard still knows of {counted} silos.");
            await Task.Delay(100);
        }
    }

    private static void AssertInTime(TakeOver takeOver)
    {
        Assert.True(takeOver.WentOn <= AfterKill, $"Within {AfterKill} of the kill all was to go on; {takeOver}.");
        Assert.True(
            takeOver.WentOn - takeOver.Declared <= AfterDeclared,
            $"Within {AfterDeclared} of the silo's being declared dead all was to go on; {takeOver}."
        );
    }

    private async Task KillAsync(int silo)
    {
        await using var process = _cluster.Leave(silo);
        await process.KillAsync();
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>Says it where a passed test is seen too.</summary>
    private void Print(string line)
    {
        output.WriteLine(line);
        TestContext.Current.SendDiagnosticMessage(line);
    }
}
