using System.CommandLine;

namespace OrleansSagas.Bench.Growth;

/// <summary>The command that prints what a saga costs as it grows.</summary>
internal static class GrowCommand
{
    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long to measure each row.",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<double> Warmup = new("--warmup")
    {
        Description = "Seconds of load before that.",
        DefaultValueFactory = _ => 2,
    };

    /// <summary>Makes it, with options that the program's own command has too.</summary>
    public static Command Create(
        Option<StoreKind> store,
        Option<string?> server,
        Option<Transport> transport,
        Option<int> concurrency,
        Option<string> collector,
        Option<DirectoryInfo> data
    )
    {
        BenchCommandLine.Require(Seconds, value => value > 0, "more than 0");
        BenchCommandLine.Require(Warmup, value => value >= 0, "0 or more");
        var command = new Command("grow", "What a saga costs by its steps and by the size of its data, as one table.");
        foreach (var option in (Option[])[store, server, transport, concurrency, Seconds, Warmup, collector, data])
            command.Options.Add(option);
        command.SetAction(
            async (parsed, interrupted) =>
            {
                var options = new BenchOptions
                {
                    Store = parsed.GetRequiredValue(store),
                    Server = parsed.GetValue(server),
                    Transport = parsed.GetRequiredValue(transport),
                    Concurrency = parsed.GetRequiredValue(concurrency),
                    Seconds = parsed.GetRequiredValue(Seconds),
                    Warmup = parsed.GetRequiredValue(Warmup),
                    ServerCollector = parsed.GetRequiredValue(collector) == "server",
                    DataDirectory = parsed.GetRequiredValue(data).FullName,
                };
                using var run = new GrowRun(options);
                return await BenchCommandLine.RunAsync(options, () => run.RunAsync(Console.Out), interrupted);
            }
        );
        return command;
    }
}
