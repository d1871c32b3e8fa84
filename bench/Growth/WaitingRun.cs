using System.Diagnostics;
using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Silo;
using OrleansSagas.Bench.Workloads;
using OrleansSagas.TestKit;

namespace OrleansSagas.Bench.Growth;

/// <summary>Fills a store with sagas that wait, and measures a fresh silo over it, beside one over an empty store.</summary>
internal sealed class WaitingRun(BenchOptions options) : IDisposable
{
    private const int Fillers = 256;

    private readonly string _directory = Path.Combine(options.DataDirectory, Guid.NewGuid().ToString("N")[..8]);

    /// <summary>Measures both and prints them; false when something was not as it must be.</summary>
    public async Task<bool> RunAsync(int sagas, TextWriter writer)
    {
        var empty = await MeasureAsync(0);
        var full = await MeasureAsync(sagas);
        GrowthPrinter.Print(options, sagas, empty, full, writer);
        return full.Filled is { Errors: 0 } filled && filled.Completed == sagas && full.Orders is { Errors: 0, Completed: > 0 };
    }

    /// <summary>Removes the stores.</summary>
    public void Dispose()
    {
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private async Task<WaitingResult> MeasureAsync(int sagas)
    {
        var directory = Path.Combine(_directory, $"{sagas}");
        Directory.CreateDirectory(directory);
        await using var server = options is { Store: StoreKind.Postgres, Server: null }
            ? await ThrowawayPostgres.StartAsync(directory)
            : null;
        await using var schema = options.Server is { } given ? await OwnSchema.MakeRoomAsync(given) : null;
        Task<SiloProcess> StartAsync(Variant variant) =>
            SiloProcess.StartAsync(
                SiloOptions.Of(options, directory) with
                {
                    Variant = variant,
                },
                options.ServerCollector,
                options.Server ?? server?.ConnectionString
            );

        LoadResult filled;
        await using (var silo = await StartAsync(Variant.Waiting))
            filled = await silo.FillAsync(Fillers, sagas);

        var start = Stopwatch.GetTimestamp();
        await using var fresh = await StartAsync(Variant.Ok);
        var ready = Stopwatch.GetElapsedTime(start);
        var scan = await fresh.ScanAsync();
        var memory = (await fresh.ReadAsync()).Usage.WorkingSetBytes;
        var lists = await Listing.MeasureAsync(fresh.Address, sagas);
        var store = await fresh.CountStoreAsync();
        using var http = await HttpLoad.ConnectAsync([LoadTarget.Of(options, fresh.Address)], options.Concurrency);
        await http.RunAsync(TimeSpan.FromSeconds(options.Warmup));
        return new WaitingResult
        {
            Filled = filled,
            Store = store,
            Ready = ready,
            MemoryBytes = memory,
            Scan = scan,
            Lists = lists,
            Orders = await http.RunAsync(TimeSpan.FromSeconds(options.Seconds)),
        };
    }
}
