using System.CommandLine;
using System.Text.Json;
using OrleansSagas.Bench.Reporting;

namespace OrleansSagas.Bench.Silo;

/// <summary>The hidden command by which the program starts itself as the process that is measured.</summary>
internal static class SiloCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "silo";

    /// <summary>Makes it.</summary>
    public static Command Create()
    {
        var options = new Argument<string>("options") { Description = "What to run, as JSON." };
        var command = new Command(Name, "Runs what is measured, for the parent process.") { Hidden = true };
        command.Arguments.Add(options);
        command.SetAction(
            async (parsed, _) =>
            {
                var silo = JsonSerializer.Deserialize(parsed.GetRequiredValue(options), BenchJson.Default.SiloOptions)!;
                await new SiloHost(silo, Console.In, Console.Out).RunAsync();
                return 0;
            }
        );
        return command;
    }
}
