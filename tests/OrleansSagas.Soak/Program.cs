using System.CommandLine;

namespace OrleansSagas.Soak;

internal static class Program
{
    private static readonly Option<double> Minutes = new("--minutes")
    {
        Description = "How long the silo is troubled.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "Where all that is random comes from. Default: another one each time.",
        DefaultValueFactory = _ => Random.Shared.Next(1_000_000),
    };

    private static readonly Option<int> Callers = new("--callers")
    {
        Description = "How many start orders at a time.",
        DefaultValueFactory = _ => 16,
    };

    private static readonly Option<int> Pause = new("--pause")
    {
        Description = "The longest pause of a caller between two orders, in milliseconds.",
        DefaultValueFactory = _ => 400,
    };

    public static Task<int> Main(string[] args)
    {
        var command = new RootCommand("Loads the real silo, kills it, stops it, fills its disk, and audits the books.")
        {
            Minutes,
            Seed,
            Callers,
            Pause,
        };
        command.SetAction(
            async (parsed, _) =>
            {
                var plan = new SoakPlan(
                    TimeSpan.FromMinutes(parsed.GetValue(Minutes)),
                    parsed.GetValue(Seed),
                    parsed.GetValue(Callers),
                    parsed.GetValue(Pause)
                );
                return await new SoakRun(plan).RunAsync() ? 0 : 1;
            }
        );
        return command.Parse(args).InvokeAsync();
    }
}
