using OrleansSagas.Simulation.Tests.Checks;
using OrleansSagas.Simulation.Tests.Scenarios;
using OrleansSagas.Simulation.Tests.Worlds;

namespace OrleansSagas.Simulation.Tests.Services;

/// <summary>The services as the steps call them: over a network, with what can go wrong there.</summary>
internal sealed class Worker(World world, Books books, Scenario scenario, Rules rules)
{
    private readonly Chance _chance = world.Chance.Fork();

    /// <summary>Does a step. Its result names the step.</summary>
    public Task<string> DoAsync(StepContext step)
    {
        rules.OnAttempt(world.Current, step, step.Key);
        return CallAsync(step, () => books.Do(step.Key));
    }

    public Task UndoAsync(UndoContext step)
    {
        rules.OnUndo(world.Current, step);
        return CallAsync(
            step,
            () =>
            {
                books.Undo(step.ActionKey);
                return true;
            }
        );
    }

    private Task<string> CallAsync(StepContext step, Func<bool> effect)
    {
        var behaviour =
            scenario.IsCalm || !_chance.Happens(scenario.Mischief)
                ? Behaviour.Good(_chance, scenario.Latency)
                : Behaviour.Bad(_chance, scenario.Latency, scenario.TimeoutOf(step.Step));
        if (world.Traces)
            world.Say(
                world.Current?.Name ?? "?",
                $"calls {step.Key} (attempt {step.Attempt}): {behaviour.Ending}, effect after "
                    + $"{behaviour.EffectAfter?.TotalSeconds.ToString() ?? "-"}, answer after {behaviour.AnswerAfter.TotalSeconds}"
            );
        return behaviour.IsImmediate ? Immediately(step, behaviour, effect) : OverTheNetworkAsync(step, behaviour, effect);
    }

    private static Task<string> Immediately(StepContext step, Behaviour behaviour, Func<bool> effect)
    {
        var isTaken = behaviour.EffectAfter is null || effect();
        return ErrorOf(behaviour.Ending, isTaken) is { } error ? throw error : Task.FromResult(step.Step);
    }

    private async Task<string> OverTheNetworkAsync(StepContext step, Behaviour behaviour, Func<bool> effect)
    {
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool? isTaken = null;
        if (behaviour.EffectAfter is { } effectAfter)
            world.Send(effectAfter, () => isTaken ??= effect());
        using var giveUp = behaviour.HonoursToken
            ? step.Cancellation.Register(() => answer.TrySetCanceled(CancellationToken.None))
            : default;
        if (behaviour.Ending != Ending.Never)
        {
            world.Send(
                behaviour.AnswerAfter,
                () =>
                {
                    // A result is sent after the effect, or it is none.
                    if (behaviour.Ending == Ending.Result)
                        isTaken ??= effect();
                    if (ErrorOf(behaviour.Ending, isTaken != false) is { } error)
                        answer.TrySetException(error);
                    else
                        answer.TrySetResult(step.Step);
                }
            );
        }

        try
        {
            return await answer.Task;
        }
        catch (Exception exception) when (exception is not StepRejectedException && step.Stopping.IsCancellationRequested)
        {
            rules.OnNoAnswer(step);
            throw;
        }
    }

    private static Exception? ErrorOf(Ending ending, bool isTaken) =>
        ending switch
        {
            Ending.Rejected => new StepRejectedException("It was refused."),
            Ending.Error => new InvalidOperationException("Something went wrong."),
            Ending.FinalError => new FinalErrorException(),
            _ => isTaken ? null : new StepRejectedException("It was barred: its undo came first."),
        };
}
