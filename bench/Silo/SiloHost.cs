using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Reporting;
using OrleansSagas.Bench.Workloads;
using OrleansSagas.Storage;

namespace OrleansSagas.Bench.Silo;

/// <summary>The process that is measured. It is told what to do through its standard input, so its endpoint serves the load alone,
/// and it ends when that input does: with its parent, however that ends.</summary>
internal sealed class SiloHost(SiloOptions options, TextReader commands, TextWriter answers)
{
    private const int MaxPurge = 1_000;

    private readonly WorkloadSetup _setup = new(
        options.Variant,
        options.DataDirectory,
        options.SyncDelay,
        OrderData.OfSize(options.OrderBytes)
    )
    {
        Steps = options.Steps,
        Postgres = options.Store == StoreKind.Postgres ? Environment.GetEnvironmentVariable(SiloVariable.Server) : null,
        Cluster = options.Cluster,
    };

    /// <summary>Runs until the input ends.</summary>
    public async Task RunAsync()
    {
        await using var workload = Workload.Create(options.Workload, _setup);
        await using var app = Build(workload);
        await app.StartAsync();
        await AnswerAsync(app.Urls.Single(), BenchJson.Default.String);
        while (await commands.ReadLineAsync() is { } command)
            await ObeyAsync(app, workload, command.Split(' '));

        // Nobody waits for answers any more, so requests that are still under way get no time to end.
        await app.StopAsync(new CancellationToken(canceled: true));
    }

    private static WebApplication Build(IWorkload workload)
    {
        // The default content root is the working directory, and its settings file is watched by watching the whole tree:
        // with the store somewhere below, each of its writes costs a notification, 14 % of a core at full load.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        workload.AddTo(builder);
        var app = builder.Build();
        workload.MapTo(app);
        return app;
    }

    private Task ObeyAsync(WebApplication app, IWorkload workload, string[] command) =>
        command[0] switch
        {
            SiloVerb.Read => AnswerAsync(new SiloReading(ProcessUsage.OfThis(), workload.Count()), BenchJson.Default.SiloReading),
            SiloVerb.Store => AnswerAsync(
                _setup.Postgres is { } server
                    ? PostgresContents.Of(server, WorkloadSetup.PostgresSchema)
                    : SqliteContents.Of(_setup.DatabaseFile),
                BenchJson.Default.StoreContents
            ),
            SiloVerb.Load => LoadAsync(
                workload,
                int.Parse(command[1], CultureInfo.InvariantCulture),
                TimeSpan.FromSeconds(double.Parse(command[2], CultureInfo.InvariantCulture))
            ),
            SiloVerb.Fill => FillAsync(
                workload,
                int.Parse(command[1], CultureInfo.InvariantCulture),
                int.Parse(command[2], CultureInfo.InvariantCulture)
            ),
            SiloVerb.Scan => ScanAsync(app.Services.GetRequiredService<ISagaStore>()),
            SiloVerb.Purge => PurgeAsync(
                app.Services.GetRequiredService<ISagaStore>(),
                TimeSpan.FromMilliseconds(double.Parse(command[1], CultureInfo.InvariantCulture))
            ),
            _ => throw new InvalidOperationException($"The silo was told \"{command[0]}\", which it does not know."),
        };

    private async Task LoadAsync(IWorkload workload, int concurrency, TimeSpan duration) =>
        await AnswerAsync(await InProcLoad.RunAsync(workload, _setup, concurrency, duration), BenchJson.Default.LoadResult);

    private async Task FillAsync(IWorkload workload, int concurrency, int count) =>
        await AnswerAsync(await InProcFill.RunAsync(workload, _setup, concurrency, count), BenchJson.Default.LoadResult);

    private async Task ScanAsync(ISagaStore store) => await AnswerAsync(await WakeUpScan.MeasureAsync(store), BenchJson.Default.WakeUpScan);

    private async Task PurgeAsync(ISagaStore store, TimeSpan age)
    {
        var now = DateTimeOffset.UtcNow;
        await AnswerAsync(await store.PurgeAsync(now - age, now, MaxPurge, CancellationToken.None), BenchJson.Default.Int32);
    }

    private async Task AnswerAsync<T>(T answer, JsonTypeInfo<T> type)
    {
        await answers.WriteLineAsync(JsonSerializer.Serialize(answer, type));
        await answers.FlushAsync();
    }
}
