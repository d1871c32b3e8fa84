using System.CommandLine;

namespace OrleansSagas.Bench.Growth;

/// <summary>The command that shows what becomes of a store that is written to for long.</summary>
internal static class AgeCommand
{
    private static readonly Option<double> Minutes = new("--minutes")
    {
        Description = "How long the load goes on.",
        DefaultValueFactory = _ => 30,
    };

    private static readonly Option<double> Keep = new("--keep")
    {
        Description = "Minutes after which a saga that has ended is removed.",
        DefaultValueFactory = _ => 5,
    };

    /// <summary>Makes it, with options that the program's own command has too.</summary>
    public static Command Create(
        Option<StoreKind> store,
        Option<string?> server,
        Option<int> concurrency,
        Option<string> collector,
        Option<DirectoryInfo> data
    )
    {
        BenchCommandLine.Require(Minutes, value => value > 0, "more than 0");
        BenchCommandLine.Require(Keep, value => value >= 0, "0 or more");
        var command = new Command(
            "age",
            "Keeps the load up while sagas that ended are removed, and prints each minute how the store does."
        );
        foreach (var option in (Option[])[store, server, concurrency, Minutes, Keep, collector, data])
            command.Options.Add(option);
        command.SetAction(
            async (parsed, interrupted) =>
            {
                var options = new BenchOptions
                {
                    Store = parsed.GetRequiredValue(store),
                    Server = parsed.GetValue(server),
                    Concurrency = parsed.GetRequiredValue(concurrency),
                    ServerCollector = parsed.GetRequiredValue(collector) == "server",
                    DataDirectory = parsed.GetRequiredValue(data).FullName,
                };
                using var run = new AgeRun(
                    options,
                    TimeSpan.FromMinutes(parsed.GetRequiredValue(Minutes)),
                    TimeSpan.FromMinutes(parsed.GetRequiredValue(Keep))
                );
                return await BenchCommandLine.RunAsync(options, () => run.RunAsync(Console.Out), interrupted);
            }
        );
        return command;
    }
}
