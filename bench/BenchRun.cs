using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Reporting;
using OrleansSagas.Bench.Silo;
using OrleansSagas.Bench.Workloads;
using OrleansSagas.TestKit;

namespace OrleansSagas.Bench;

/// <summary>Measures one workload after the other, each in a process and on a store of its own.</summary>
internal sealed class BenchRun(BenchOptions options) : IDisposable
{
    private readonly string _directory = Path.Combine(options.DataDirectory, Guid.NewGuid().ToString("N")[..8]);

    /// <summary>Measures all that was asked for.</summary>
    public async Task<BenchReport> RunAsync()
    {
        var at = DateTimeOffset.UtcNow;
        Directory.CreateDirectory(_directory);
        var sync = DiskSync.Measure(_directory);
        var runs = new List<RunResult>();
        for (var round = 0; round < options.Rounds; round++)
        {
            // Every second round the other way round: so none is always the one that is measured first, or on a fuller disk.
            foreach (var workload in round % 2 == 0 ? options.Workloads : options.Workloads.Reverse())
                runs.Add(await MeasureAsync(workload, round));
        }

        return new BenchReport
        {
            At = at,
            Options = options,
            DiskSyncMicros = sync.TotalMicroseconds,
            Runs = runs,
            Comparisons = Comparison.Of(runs),
        };
    }

    /// <summary>Removes the stores.</summary>
    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private async Task<RunResult> MeasureAsync(WorkloadKind workload, int round)
    {
        var directory = Path.Combine(_directory, $"{workload}-{round}");
        Directory.CreateDirectory(directory);
        await using var server = options is { Store: StoreKind.Postgres, Server: null }
            ? await ThrowawayPostgres.StartAsync(directory)
            : null;
        await using var schema = options.Server is { } given ? await OwnSchema.MakeRoomAsync(given) : null;
        await using var silos = await SiloGroup.StartAsync(
            options.Silos,
            SiloOptions.Of(options, directory) with
            {
                Workload = workload,
                Cluster = $"bench-{Guid.NewGuid():N}",
            },
            options.ServerCollector,
            options.Server ?? server?.ConnectionString
        );
        using var http =
            options.Transport == Transport.Http
                ? await HttpLoad.ConnectAsync([.. silos.Addresses.Select(silo => LoadTarget.Of(options, silo))], options.Concurrency)
                : null;
        Task<LoadResult> LoadAsync(double seconds) =>
            http is null
                ? silos.LoadAsync(options.Concurrency, TimeSpan.FromSeconds(seconds))
                : http.RunAsync(TimeSpan.FromSeconds(seconds));

        var warmup = await LoadAsync(options.Warmup);
        var storeBefore = await silos.CountStoreAsync();
        var before = await silos.ReadAsync();
        var machineBefore = MachineUsage.BusySeconds();
        var generatorBefore = ProcessUsage.OfThis();
        var serverBefore = server is null ? null : ProcessUsage.Of(server.Processes());
        var load = await LoadAsync(options.Seconds);
        var generator = ProcessUsage.OfThis().Since(generatorBefore);
        var machine = MachineUsage.BusySeconds() - machineBefore;
        var serverUsage = server is null ? null : ProcessUsage.Of(server.Processes()).Since(serverBefore!);
        var after = await silos.ReadAsync();
        var usage = after.Usage.Since(before.Usage);
        var store = (await silos.CountStoreAsync()).Since(storeBefore);
        var all = warmup.Completed + load.Completed;

        // A saga of the engine ends in its answer, which was checked. A peer's end is asked of its database too.
        if (Workload.IsPeer(workload) && await silos.CountEndedAsync() is var ended && ended != all)
        {
            var error = $"{all} sagas were answered and {ended} have ended in the database";
            load = load with { Errors = load.Errors + 1, FirstError = load.FirstError ?? error };
        }

        return new RunResult
        {
            Workload = workload,
            // An error while warming up is an error: the run fails for it too.
            Load = load with
            {
                Errors = load.Errors + warmup.Errors,
                FirstError = warmup.FirstError ?? load.FirstError,
            },
            Silo = usage,
            Server = serverUsage,
            Generator = http is null ? null : generator,
            OtherCpuSeconds = machine is { } busy
                ? Math.Max(0, busy - usage.CpuSeconds - generator.CpuSeconds - (serverUsage?.CpuSeconds ?? 0))
                : null,
            Counters = after.Counters.Since(before.Counters),
            Store = store,
        };
    }
}
