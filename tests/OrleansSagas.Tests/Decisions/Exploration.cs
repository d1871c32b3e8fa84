using System.Collections.Immutable;
using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using OrleansSagas.Tests.Client;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

/// <summary>Walks, breadth first, through every state of small plans that differs in what matters to the rules.</summary>
internal sealed class Exploration
{
    private const int MostStates = 200_000;

    private readonly HashSet<(SagaStatus? From, SagaStatus To)> _transitions = [];
    private readonly HashSet<(SagaStatus Status, OperatorAction Verb, string Answer)> _answers = [];

    private Exploration() { }

    public IReadOnlySet<(SagaStatus? From, SagaStatus To)> Transitions => _transitions;

    public IReadOnlySet<(SagaStatus Status, OperatorAction Verb, string Answer)> Answers => _answers;

    public static Exploration OfSmallPlans()
    {
        var exploration = new Exploration();
        var hour = TimeSpan.FromHours(1);
        exploration.Walk(Of(hour, Step("a"), Step("b")));
        exploration.Walk(Of(hour, Step("a", attempts: 2, undoAttempts: 2)));
        exploration.Walk(Of(hour, Step("a", undo: false), Step("b", undo: false)));
        exploration.Walk(Of(hour, Step("a"), Step("b", undo: false)));
        return exploration;
    }

    private void Walk(SagaPlan plan)
    {
        var start = (Decision.Accepted)SagaDecider.Decide(plan, null, new SagaCommand.Start(Story.Key, Story.Data("0")), Story.Noon);
        _ = _transitions.Add((null, start.Next.Status));
        var seen = new HashSet<string>();
        var next = new Queue<(SagaState State, DateTimeOffset Now)>();
        Visit(start.Next, Story.Noon);

        while (next.TryDequeue(out var node))
        {
            foreach (var verb in Enum.GetValues<OperatorAction>())
                _ = _answers.Add((node.State.Status, verb, Answered(SagaDecider.Decide(plan, node.State, Asked(verb), node.Now))));
            foreach (var (input, now) in Inputs(plan, node.State, node.Now))
            {
                if (SagaDecider.Decide(plan, node.State, input, now) is not Decision.Accepted happened)
                    continue;
                if (happened.Next.Status != node.State.Status)
                    _ = _transitions.Add((node.State.Status, happened.Next.Status));
                Visit(happened.Next, now);
            }
        }

        void Visit(SagaState state, DateTimeOffset now)
        {
            if (seen.Add(WhatMatters(state, now)))
                next.Enqueue((state, now));
            Assert.True(seen.Count < MostStates, "the states that matter do not come to an end");
        }
    }

    /// <summary>The state without what only counts or tells: two states with the same text have the same future.</summary>
    private static string WhatMatters(SagaState state, DateTimeOffset now) =>
        string.Join(
            ' ',
            [
                state.Status,
                state.Direction,
                state.Reason,
                state.IsPaused,
                state.IsQuiescent,
                state.DeadlineAt <= now,
                state.LateAnswerDeadline <= now,
                .. state.Steps.Select(step =>
                    $"{step.Path}:{step.Phase}:{step.Attempt}:{step.Uncertain}:{step.UndoAttempt - step.UndoAttemptsReset}:"
                    + $"{step.UndoAgain}:{step.DueAt <= now}"
                ),
            ]
        );

    private static IEnumerable<(SagaCommand Input, DateTimeOffset Now)> Inputs(SagaPlan plan, SagaState state, DateTimeOffset now)
    {
        ImmutableArray<StepPath> inFlight = [.. plan.Steps.Select(step => step.Path)];
        foreach (var verb in Enum.GetValues<OperatorAction>())
        {
            yield return (Asked(verb), now);
            yield return (Asked(verb) with { InFlight = inFlight }, now);
        }

        foreach (var time in new[] { now, SagaDecider.PendingWork(plan, state).WakeAt ?? now, state.DeadlineAt ?? now })
        {
            yield return (new SagaCommand.TimePassed(), time);
            yield return (new SagaCommand.TimePassed { InFlight = inFlight }, time);
        }

        yield return (new SagaCommand.TakeOver(new(2), OwnerDied: true), now);
        yield return (new SagaCommand.TakeOver(new(2), OwnerDied: false), now);
        foreach (var step in plan.Steps)
        {
            var known = state.Find(step.Path);
            foreach (
                var outcome in new StepOutcome[]
                {
                    new StepOutcome.Succeeded(),
                    new StepOutcome.ResultRejectedByFold(Story.Broken),
                    new StepOutcome.Rejected(Story.Broken),
                    new StepOutcome.Failed(Story.Broken),
                }
            )
            {
                yield return (new SagaCommand.Answer(step.Path, StepDirection.Do, known?.Run ?? 1, known?.Attempt ?? 1, outcome), now);
                yield return (
                    new SagaCommand.Answer(
                        step.Path,
                        StepDirection.Undo,
                        known?.UndoRun ?? 1,
                        Math.Max(1, known?.UndoAttempt ?? 1),
                        outcome
                    ),
                    now
                );
            }

            yield return (new SagaCommand.Interrupt(step.Path, StepDirection.Do, known?.Run ?? 1, known?.Attempt ?? 1), now);
        }
    }

    private static SagaCommand Asked(OperatorAction verb) =>
        verb switch
        {
            OperatorAction.Cancel => new SagaCommand.Cancel(),
            OperatorAction.Terminate => new SagaCommand.Terminate(),
            OperatorAction.Pause => new SagaCommand.Pause(),
            OperatorAction.Resume => new SagaCommand.Resume(),
            OperatorAction.Retry => new SagaCommand.RetryUndo(),
            OperatorAction.Skip => new SagaCommand.SkipUndo(),
            OperatorAction.Resolve => new SagaCommand.ResolveUndo(),
            _ => throw new ArgumentOutOfRangeException(nameof(verb)),
        };

    private static string Answered(Decision decision) =>
        decision switch
        {
            Decision.Rejected => "refused",
            Decision.Accepted { Events.IsEmpty: true } => "no effect",
            _ => "acts",
        };
}
