using System.Diagnostics;
using System.Globalization;

namespace OrleansSagas.Simulation.Tests;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int DefaultSeconds = 15;

    /// <summary>Runs for SIMULATION_SECONDS, from the seed SIMULATION_FIRST or from new ones; or the one seed SIMULATION_SEED.</summary>
    [Fact]
    public void Promises_WhenSeedsAreNew_AreKept()
    {
        if (ulong.TryParse(Environment.GetEnvironmentVariable("SIMULATION_SEED"), CultureInfo.InvariantCulture, out var only))
        {
            Check(Simulation.Run(only));
            return;
        }

        var seconds = int.TryParse(Environment.GetEnvironmentVariable("SIMULATION_SECONDS"), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : DefaultSeconds;
        var first = ulong.TryParse(Environment.GetEnvironmentVariable("SIMULATION_FIRST"), CultureInfo.InvariantCulture, out var given)
            ? given
            : (ulong)DateTime.UtcNow.Ticks / 10_000 % 1_000_000_000 * 1_000_000;
        var watch = Stopwatch.StartNew();
        var (next, runs, sagas, attempts, turns) = (first, 0L, 0L, 0L, 0L);
        Outcome? failed = null;
        var threads = Enumerable
            .Range(0, Environment.ProcessorCount)
            .Select(_ => new Thread(() =>
            {
                while (watch.Elapsed < TimeSpan.FromSeconds(seconds) && Volatile.Read(ref failed) is null)
                {
                    var outcome = RunOne(Interlocked.Increment(ref next));
                    if (outcome.Violation is not null)
                        Interlocked.CompareExchange(ref failed, outcome, null);
                    Interlocked.Increment(ref runs);
                    Interlocked.Add(ref sagas, outcome.Sagas);
                    Interlocked.Add(ref attempts, outcome.Attempts);
                    Interlocked.Add(ref turns, outcome.Turns);
                }
            }))
            .ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        TestContext.Current.SendDiagnosticMessage(
            "simulation from seed {0}: {1:N0} runs in {2:F0} s ({3:N0}/s), {4:N0} sagas, {5:N0} attempts of steps ({6:N0}/s), {7:N0} turns",
            first,
            runs,
            watch.Elapsed.TotalSeconds,
            runs / watch.Elapsed.TotalSeconds,
            sagas,
            attempts,
            attempts / watch.Elapsed.TotalSeconds,
            turns
        );
        if (failed is not null)
            Check(failed);
    }

    [Fact]
    public void Promises_WhenSeedsOnceBrokeThem_AreKept()
    {
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Seeds", "found.txt")))
            if (line.Length > 0 && line[0] != '#')
                Check(
                    Simulation.Run(ulong.Parse(line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture))
                );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Run_WhenSeedIsTheSame_IsTheSame(int seed)
    {
        var one = Simulation.Run((ulong)seed, traces: true);
        var other = Simulation.Run((ulong)seed, traces: true);

        Assert.Equal(one.Trace, other.Trace);
        Assert.Equal(one.Fingerprint, other.Fingerprint);
    }

    /// <summary>An exception that leaves the simulation would end the process of the tests, and nobody would know the seed.</summary>
    private static Outcome RunOne(ulong seed)
    {
        try
        {
            return Simulation.Run(seed);
        }
        catch (Exception exception)
        {
            return new Outcome(seed, $"The simulation itself failed: {exception}", 0, 0, 0, 0, []);
        }
    }

    /// <summary>A failure is run again with a trace: it must break in the same way.</summary>
    private void Check(Outcome outcome)
    {
        if (outcome.Violation is null)
            return;
        var traced = Simulation.Run(outcome.Seed, traces: true);
        var file = Path.Combine(Path.GetTempPath(), $"simulation-{outcome.Seed}.txt");
        File.WriteAllLines(file, traced.Trace);
        foreach (var line in traced.Trace.TakeLast(80))
            output.WriteLine(line);
        Assert.Fail(
            $"{outcome.Violation} Replay it with SIMULATION_SEED={outcome.Seed}. The whole trace: "
                + $"{file}.{(traced.Violation == outcome.Violation ? "" : $" It did not replay: {traced.Violation ?? "no violation"}.")}"
        );
    }
}
