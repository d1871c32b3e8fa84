using System.CommandLine;

namespace OrleansSagas.Bench.Growth;

/// <summary>The command that prints what sagas cost that only wait.</summary>
internal static class WaitingCommand
{
    private static readonly Option<int> Sagas = new("--sagas")
    {
        Description = "How many sagas wait.",
        DefaultValueFactory = _ => 1_000_000,
    };

    /// <summary>Makes it, with options that the program's own command has too.</summary>
    public static Command Create(Option<StoreKind> store, Option<string?> server, Option<string> collector, Option<DirectoryInfo> data)
    {
        BenchCommandLine.Require(Sagas, value => value >= 1, "1 or more");
        var command = new Command(
            "waiting",
            "Fills a store with sagas that wait, and compares a silo over it with one over an empty store."
        );
        foreach (var option in (Option[])[store, server, Sagas, collector, data])
            command.Options.Add(option);
        command.SetAction(
            async (parsed, interrupted) =>
            {
                var options = new BenchOptions
                {
                    Store = parsed.GetRequiredValue(store),
                    Server = parsed.GetValue(server),
                    Concurrency = 1,
                    Seconds = 5,
                    Warmup = 2,
                    ServerCollector = parsed.GetRequiredValue(collector) == "server",
                    DataDirectory = parsed.GetRequiredValue(data).FullName,
                };
                using var run = new WaitingRun(options);
                return await BenchCommandLine.RunAsync(
                    options,
                    () => run.RunAsync(parsed.GetRequiredValue(Sagas), Console.Out),
                    interrupted
                );
            }
        );
        return command;
    }
}
