using System.Diagnostics;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Silo;
using OrleansSagas.Bench.Workloads;
using OrleansSagas.TestKit;

namespace OrleansSagas.Bench.Idle;

/// <summary>Starts an empty Orleans silo, the engine's silo and the engine for one process, one after the other, and measures each
/// without load.</summary>
internal sealed class IdleRun(BenchOptions options) : IDisposable
{
    private static readonly WorkloadKind[] Workloads = [WorkloadKind.EmptyGrain, WorkloadKind.Engine, WorkloadKind.InProcess];

    private readonly string _directory = Path.Combine(options.DataDirectory, Guid.NewGuid().ToString("N")[..8]);

    /// <summary>Measures, and prints each row when it is known.</summary>
    public async Task<bool> RunAsync(TextWriter writer)
    {
        var duration = TimeSpan.FromSeconds(options.Seconds);
        IdlePrinter.PrintHead(options, writer);

        // Each is started once before: what it reads from the disk is in memory then.
        foreach (var workload in Workloads)
            await MeasureAsync(workload, TimeSpan.Zero);
        foreach (var workload in Workloads)
            IdlePrinter.PrintRow(await MeasureAsync(workload, duration), duration, writer);
        return true;
    }

    /// <summary>Removes the stores.</summary>
    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private async Task<IdleResult> MeasureAsync(WorkloadKind workload, TimeSpan duration)
    {
        var directory = Path.Combine(_directory, Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(directory);
        await using var server = options is { Store: StoreKind.Postgres, Server: null }
            ? await ThrowawayPostgres.StartAsync(directory)
            : null;
        await using var schema = options.Server is { } given ? await OwnSchema.MakeRoomAsync(given) : null;
        var start = Stopwatch.GetTimestamp();
        await using var silo = await SiloProcess.StartAsync(
            SiloOptions.Of(options, directory) with
            {
                Workload = workload,
                Cluster = $"bench-{Guid.NewGuid():N}",
            },
            options.ServerCollector,
            options.Server ?? server?.ConnectionString
        );
        var ready = Stopwatch.GetElapsedTime(start);
        var atReady = (await silo.ReadAsync()).Usage;

        // The first reading compiles what reads; the second is where the idle time begins.
        var before = (await silo.ReadAsync()).Usage;
        var machineBefore = MachineUsage.BusySeconds();
        await Task.Delay(duration);
        var machine = MachineUsage.BusySeconds() - machineBefore;
        var idle = (await silo.ReadAsync()).Usage.Since(before);
        return new IdleResult(workload, ready, atReady, idle, machine is { } busy ? Math.Max(0, busy - idle.CpuSeconds) : null);
    }
}
