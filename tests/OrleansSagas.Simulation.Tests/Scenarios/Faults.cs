using OrleansSagas.Simulation.Tests.Worlds;

namespace OrleansSagas.Simulation.Tests.Scenarios;

/// <summary>Begins processes, and ends them at bad moments.</summary>
internal sealed class Faults(World world, Scenario scenario, Func<string, SagaDefinition?, Process> begin)
{
    private readonly Chance _chance = world.Chance.Fork();
    private int _lives;

    public void Begin()
    {
        Start();
        world.Outside(KeepAliveAsync);
        Repeat(scenario.Crashes, () => OneOfThem()?.DieAfter(_chance.Between(0, 300)));
        Repeat(scenario.Stops, () => OneOfThem()?.Stop());
        Repeat(scenario.ClockJumps, () => OneOfThem()?.JumpClock(TimeSpan.FromSeconds(_chance.Between(-90, 90))));
        Repeat(scenario.Losses, () => OneOfThem()?.LoseActivation(_chance, scenario.LossesAreSudden));
        Repeat(
            scenario.Overlaps,
            () =>
            {
                // For a while the old one does not know that it was replaced.
                var old = world.Processes.ToArray();
                Start();
                foreach (var process in old)
                    world.Send(_chance.UpTo(TimeSpan.FromSeconds(20)), process.Kill);
            }
        );
    }

    /// <summary>One process with all definitions, and nothing that goes wrong.</summary>
    public void Calm()
    {
        scenario.IsCalm = true;
        foreach (var process in world.Processes.SkipLast(1).ToArray())
            process.Kill();
        if (world.Processes is [{ Lacking: not null } last])
            last.Kill();
        if (world.Processes.Count == 0)
            Start();
    }

    private void Start()
    {
        var lacking =
            scenario is { Lacks: > 0, IsCalm: false } && _chance.Happens(scenario.Lacks)
                ? scenario.Definitions[_chance.Below(scenario.Definitions.Count)]
                : null;
        var name = $"life {++_lives}";
        if (lacking is not null)
            world.Say(name, $"lacks {lacking.Plan.Type}");
        begin(name, lacking).Start();
    }

    private async Task KeepAliveAsync()
    {
        while (true)
        {
            if (world.Processes.Count == 0)
            {
                await world.DelayAsync(_chance.UpTo(TimeSpan.FromSeconds(5)));
                if (world.Processes.Count == 0)
                    Start();
            }

            await world.DelayAsync(TimeSpan.FromSeconds(1));
        }
    }

    private void Repeat(int times, Action fault)
    {
        for (var i = 0; i < times; i++)
        {
            world.Outside(async () =>
            {
                await world.DelayAsync(TimeSpan.FromMilliseconds(_chance.Below((int)scenario.Storm.TotalMilliseconds)));
                if (!scenario.IsCalm)
                    fault();
            });
        }
    }

    private Process? OneOfThem() => world.Processes.Count == 0 ? null : world.Processes[_chance.Below(world.Processes.Count)];
}
