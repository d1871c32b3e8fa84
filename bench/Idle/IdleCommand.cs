using System.CommandLine;

namespace OrleansSagas.Bench.Idle;

/// <summary>The command that prints what a silo costs without load.</summary>
internal static class IdleCommand
{
    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long each is left alone.",
        DefaultValueFactory = _ => 20,
    };

    /// <summary>Makes it, with options that the program's own command has too.</summary>
    public static Command Create(Option<StoreKind> store, Option<string?> server, Option<string> collector, Option<DirectoryInfo> data)
    {
        BenchCommandLine.Require(Seconds, value => value > 0, "more than 0");
        var command = new Command(
            "idle",
            "What an empty Orleans silo and the engine, with Orleans and without, cost to start and to keep, without load."
        );
        foreach (var option in (Option[])[store, server, Seconds, collector, data])
            command.Options.Add(option);
        command.SetAction(
            async (parsed, interrupted) =>
            {
                var options = new BenchOptions
                {
                    Store = parsed.GetRequiredValue(store),
                    Server = parsed.GetValue(server),
                    Seconds = parsed.GetRequiredValue(Seconds),
                    ServerCollector = parsed.GetRequiredValue(collector) == "server",
                    DataDirectory = parsed.GetRequiredValue(data).FullName,
                };
                using var run = new IdleRun(options);
                return await BenchCommandLine.RunAsync(options, () => run.RunAsync(Console.Out), interrupted);
            }
        );
        return command;
    }
}
