using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Reporting;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Silo;

/// <summary>The silo, seen from its parent.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SiloProcess(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://unknown");

    /// <summary>Starts this program again as a silo, or the peers' program, and waits until it listens.</summary>
    /// <param name="options">What the silo runs.</param>
    /// <param name="serverCollector">Whether it has the server's garbage collector, as web hosts have by default.</param>
    /// <param name="database">How it reaches its database; null where it keeps files.</param>
    public static async Task<SiloProcess> StartAsync(SiloOptions options, bool serverCollector, string? database)
    {
        var start = Workload.IsPeer(options.Workload) ? PeerProgram.StartOf(options) : StartOf(options);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        GeneratorRuntime.Restore(start.Environment);
        start.Environment["DOTNET_gcServer"] = serverCollector ? "1" : "0";
        start.Environment["DOTNET_gcConcurrent"] = "1";
        if (database is not null)
            start.Environment[SiloVariable.Server] = database;

        var silo = new SiloProcess(Process.Start(start)!);
        silo.Address = new Uri(await silo.AnswerAsync(BenchJson.Default.String));
        return silo;
    }

    /// <summary>Reads its counters.</summary>
    public Task<SiloReading> ReadAsync() => AskAsync(SiloVerb.Read, BenchJson.Default.SiloReading);

    /// <summary>Counts what its store holds.</summary>
    public Task<StoreContents> CountStoreAsync() => AskAsync(SiloVerb.Store, BenchJson.Default.StoreContents);

    /// <summary>Of a peer: counts the sagas that are stored and ended as they must.</summary>
    public Task<long> CountEndedAsync() => AskAsync(SiloVerb.Ended, BenchJson.Default.Int64);

    /// <summary>Makes it load itself, in process.</summary>
    public Task<LoadResult> LoadAsync(int concurrency, TimeSpan duration) =>
        AskAsync(
            string.Create(CultureInfo.InvariantCulture, $"{SiloVerb.Load} {concurrency} {duration.TotalSeconds}"),
            BenchJson.Default.LoadResult
        );

    /// <summary>Makes it start <paramref name="count"/> sagas that wait, in process.</summary>
    public Task<LoadResult> FillAsync(int concurrency, int count) =>
        AskAsync(string.Create(CultureInfo.InvariantCulture, $"{SiloVerb.Fill} {concurrency} {count}"), BenchJson.Default.LoadResult);

    /// <summary>Makes it look for sagas to wake up.</summary>
    public Task<WakeUpScan> ScanAsync() => AskAsync(SiloVerb.Scan, BenchJson.Default.WakeUpScan);

    /// <summary>Makes it remove some of the sagas that ended more than <paramref name="age"/> ago; answers how many.</summary>
    public Task<int> PurgeAsync(TimeSpan age) =>
        AskAsync(string.Create(CultureInfo.InvariantCulture, $"{SiloVerb.Purge} {age.TotalMilliseconds}"), BenchJson.Default.Int32);

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("The silo did not end within 10 seconds of being told, and was killed.");
            _process.Kill();
        }

        _process.Dispose();
    }

    private static ProcessStartInfo StartOf(SiloOptions options)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);

        // Under "dotnet bench.dll" the process is dotnet, and its first argument the program.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        start.ArgumentList.Add(SiloCommand.Name);
        start.ArgumentList.Add(JsonSerializer.Serialize(options, BenchJson.Default.SiloOptions));
        return start;
    }

    private async Task<T> AskAsync<T>(string command, JsonTypeInfo<T> type)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await AnswerAsync(type);
    }

    private async Task<T> AnswerAsync<T>(JsonTypeInfo<T> type)
    {
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new SiloEndedException();
        return JsonSerializer.Deserialize(line, type)!;
    }
}
