using OrleansSagas.Simulation.Tests.Checks;
using OrleansSagas.Simulation.Tests.Worlds;

namespace OrleansSagas.Simulation.Tests.Scenarios;

/// <summary>Those who steer sagas: at any moment while things go wrong, and afterwards until nothing is stuck or paused.</summary>
internal sealed class Operators(World world, Scenario scenario, Rules rules)
{
    private static readonly OperatorAction[] Verbs = Enum.GetValues<OperatorAction>();

    private readonly Chance _chance = world.Chance.Fork();
    private int _requests;

    public void Begin()
    {
        for (var i = 0; i < scenario.Verbs; i++)
        {
            world.Outside(async () =>
            {
                await world.DelayAsync(TimeSpan.FromMilliseconds(_chance.Below((int)scenario.Storm.TotalMilliseconds)));
                if (rules.Sagas.Count > 0 && !scenario.IsCalm)
                    await ActAsync(rules.Sagas[_chance.Below(rules.Sagas.Count)], Verbs[_chance.Below(Verbs.Length)]);
            });
        }

        world.Outside(CleanUpAsync);
    }

    /// <summary>Lets go on what somebody paused, and deals with what is stuck.</summary>
    private async Task CleanUpAsync()
    {
        while (true)
        {
            await world.DelayAsync(TimeSpan.FromSeconds(5));
            if (!scenario.IsCalm)
                continue;
            foreach (var saga in rules.Sagas.ToArray())
            {
                var state = rules.Of(saga).State!;
                if (state.IsStuck)
                    await ActAsync(
                        saga,
                        _chance.OneOf(OperatorAction.Retry, OperatorAction.Retry, OperatorAction.Skip, OperatorAction.Resolve)
                    );
                else if (state is { IsPaused: true, Ended: null })
                    await ActAsync(saga, OperatorAction.Resume);
            }
        }
    }

    private async Task ActAsync(SagaKey saga, OperatorAction verb)
    {
        var act = new OperatorCommand
        {
            Saga = saga,
            Verb = verb,
            Actor = "operator",
            Reason = "The simulation wants it.",
            RequestId = _chance.Happens(0.7) ? $"act-{++_requests}" : null,
        };
        for (var repeats = 0; repeats < 3; repeats++)
        {
            var ready = world.Processes.Where(process => process.IsReady).ToArray();
            if (ready.Length > 0)
            {
                var answer = await ready[_chance.Below(ready.Length)].CallAsync(sagas => sagas.ActAsync(act, CancellationToken.None));
                if (world.Traces)
                    world.Say("operator", $"{verb} {saga.Id}: {(answer is SagaResult.Accepted taken ? taken.View.Status : answer)}");
                if (answer is SagaResult.Accepted accepted)
                    rules.OnActed(accepted.View, verb);
                if (answer is not (null or SagaResult.Refused { Refusal: SagaRefusal.Unavailable }) && _chance.Happens(0.7))
                    return;
            }

            await world.DelayAsync(_chance.UpTo(TimeSpan.FromSeconds(2)));
        }
    }
}
