using System.Diagnostics;
using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Silo;
using OrleansSagas.Bench.Workloads;
using OrleansSagas.TestKit;

namespace OrleansSagas.Bench.Growth;

/// <summary>Keeps the load up, removes what ended some minutes ago, and says each minute how the store does.</summary>
internal sealed class AgeRun(BenchOptions options, TimeSpan duration, TimeSpan keep) : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly string _directory = Path.Combine(options.DataDirectory, Guid.NewGuid().ToString("N")[..8]);

    /// <summary>Measures, and prints each minute when it is over; false when an answer was not as expected.</summary>
    public async Task<bool> RunAsync(TextWriter writer)
    {
        Directory.CreateDirectory(_directory);
        await using var server = options is { Store: StoreKind.Postgres, Server: null }
            ? await ThrowawayPostgres.StartAsync(_directory)
            : null;
        await using var schema = options.Server is { } given ? await OwnSchema.MakeRoomAsync(given) : null;
        var database = options.Server ?? server?.ConnectionString;
        await using var silo = await SiloProcess.StartAsync(SiloOptions.Of(options, _directory), options.ServerCollector, database);
        using var http = await HttpLoad.ConnectAsync([LoadTarget.Of(options, silo.Address)], options.Concurrency);

        AgePrinter.PrintHead(options, keep, writer);
        var start = Stopwatch.GetTimestamp();
        var stored = 0L;
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < duration)
        {
            var interval = elapsed + Minute < duration ? Minute : duration - elapsed;
            var load = http.RunAsync(interval);
            var removed = await PurgeUntilAsync(silo, load);
            var result = await load;
            stored += result.Completed - removed;
            var tables = options.Store == StoreKind.Postgres ? await TableHealth.ReadAsync(database!) : null;
            AgePrinter.PrintRow(Stopwatch.GetElapsedTime(start), result, removed, stored, tables, writer);
            if (result is not { Errors: 0, Completed: > 0 })
                return false;
        }

        return true;
    }

    /// <summary>Removes the stores.</summary>
    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private async Task<long> PurgeUntilAsync(SiloProcess silo, Task end)
    {
        var removed = 0L;
        while (!end.IsCompleted)
        {
            var some = await silo.PurgeAsync(keep);
            removed += some;
            if (some == 0)
                await Task.WhenAny(end, Task.Delay(Pause));
        }

        return removed;
    }
}
