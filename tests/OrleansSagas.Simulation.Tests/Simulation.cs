using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Simulation.Tests.Checks;
using OrleansSagas.Simulation.Tests.Scenarios;
using OrleansSagas.Simulation.Tests.Services;
using OrleansSagas.Simulation.Tests.Worlds;

namespace OrleansSagas.Simulation.Tests;

/// <summary>One run, from one seed: a storm in which everything goes wrong, then calm, in which everything must come to its end.</summary>
internal static class Simulation
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromHours(2);

    public static Outcome Run(ulong seed, bool traces = false)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return RunHere(seed, traces);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private static Outcome RunHere(ulong seed, bool traces)
    {
        var world = new World(seed, traces);
        var scenario = new Scenario(world.Chance.Fork());
        var books = new Books(world);
        Disk disk = null!;
        var rules = new Rules(world, scenario, books, () => disk);
        disk = new Disk(world, rules);
        var worker = scenario.Worker = new Worker(world, books, scenario, rules);
        using var services = new ServiceCollection().AddSingleton(worker).BuildServiceProvider();
        var faults = new Faults(
            world,
            scenario,
            (name, lacking) => new Process(world, disk, scenario, services.GetRequiredService<IServiceScopeFactory>(), name, lacking)
        );
        var clients = new Clients(world, scenario, rules);
        var operators = new Operators(world, scenario, rules);
        Violation? violation = null;
        try
        {
            faults.Begin();
            clients.Begin();
            operators.Begin();
            world.TurnUntil(() => false, scenario.Storm);
            faults.Calm();
            world.Say("world", "is calm");
            world.TurnUntil(
                () => clients.AreDone && rules.Sagas.All(saga => rules.Of(saga).State!.Ended is not null),
                LongEnough,
                () => Unfinished(rules, clients)
            );
            world.TurnUntil(() => !world.IsBusy, LongEnough, () => "no message on its way");
            Do(world, clients.RepeatAllAsync, "an answer to every repeated request");

            // A start that a process sent to the disk before it died may have been written meanwhile.
            world.TurnUntil(
                () => !world.IsBusy && rules.Sagas.All(saga => rules.Of(saga).State!.Ended is not null),
                LongEnough,
                () => Unfinished(rules, clients)
            );
            world.TurnUntil(
                () => world.Processes.Any(process => process.IsReady),
                TimeSpan.FromMinutes(1),
                () => "a process that is ready"
            );
            var last = world.Processes.First(process => process.IsReady);
            last.Stop();
            world.TurnUntil(() => last.IsDead, TimeSpan.FromMinutes(1), () => "the end of a graceful stop");
            rules.Audit();
            world.TurnUntil(() => true, TimeSpan.Zero);
        }
        catch (Violation broken)
        {
            violation = broken;
        }
        catch (Exception exception)
        {
            violation = new Violation($"The simulation itself failed: {exception}");
        }

        return new Outcome(seed, violation?.Message, world.Fingerprint, world.Turns, rules.Sagas.Count, rules.Attempts, world.Trace);
    }

    private static void Do(World world, Func<Task> what, string whatFor)
    {
        var isDone = false;
        world.Outside(async () =>
        {
            await what();
            isDone = true;
        });
        world.TurnUntil(() => isDone, LongEnough, () => whatFor);
    }

    private static string Unfinished(Rules rules, Clients clients)
    {
        var unfinished = rules
            .Sagas.Where(saga => rules.Of(saga).State!.Ended is null)
            .Select(saga => $"{saga.Id} is {rules.Of(saga).State!.Status}");
        return $"the end of every saga ({(clients.AreDone ? "all clients were answered" : "clients still wait")}); unfinished: "
            + $"{string.Join(", ", unfinished)}";
    }
}
