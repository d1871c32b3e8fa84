using System.Text;
using OrleansSagas.Decisions;
using OrleansSagas.Plans;

namespace OrleansSagas.Tests.Decisions;

/// <summary>One input and what became of it.</summary>
internal sealed record Turn(SagaState Before, SagaCommand Input, DateTimeOffset Now, Decision Decision)
{
    public SagaState After => Decision is Decision.Accepted happened ? happened.Next : Before;

    public IReadOnlyList<SagaEvent> Events => Decision is Decision.Accepted happened ? happened.Events : [];

    public bool IsTaken => Decision is Decision.Accepted;
}

/// <summary>
/// Plays a script: services that answer late, twice or never, owners that die, clocks that jump, operators at bad moments.
/// </summary>
internal sealed class History
{
    private readonly List<Attempt> _begun = [];
    private readonly HashSet<Attempt> _running = [];
    private readonly List<Turn> _turns = [];
    private DateTimeOffset _now = Story.Noon;

    private History(SagaPlan plan)
    {
        Plan = plan;
        var start = new SagaCommand.Start(Story.Key, Story.Data("0"));
        Start = (Decision.Accepted)SagaDecider.Decide(plan, null, start, _now);
        State = Start.Next;
        Begin();
    }

    public SagaPlan Plan { get; }

    public Decision.Accepted Start { get; }

    public IReadOnlyList<Turn> Turns => _turns;

    /// <summary>All attempts that were ever begun, in order.</summary>
    public IReadOnlyList<Attempt> Begun => _begun;

    public SagaState State { get; private set; }

    /// <summary>Called after each turn, before anything that it made outstanding is begun.</summary>
    private Action<History, Turn>? Watcher { get; init; }

    public static History Play(Script script, Action<History, Turn>? watcher = null)
    {
        var history = new History(script.Plan()) { Watcher = watcher };
        foreach (var move in script.Moves)
        {
            var dice = new Dice(move);
            history.Give(script.IsWild ? history.Anything(ref dice) : history.Plausible(ref dice));
        }

        return history;
    }

    /// <summary>Lets services answer as <paramref name="works"/> says, and an operator do what is needed, until the saga ends.</summary>
    /// <returns>The number of turns that it took; null where <paramref name="most"/> were not enough.</returns>
    public int? Drive(int most, Func<StepDirection, bool> works)
    {
        for (var turn = 0; turn <= most; turn++)
        {
            if (State.Ended is not null)
                return turn;
            Give(NextToEnd(works));
        }

        return null;
    }

    public void Give(SagaCommand input)
    {
        var turn = new Turn(State, input, _now, SagaDecider.Decide(Plan, State, input, _now));
        _turns.Add(turn);
        State = turn.After;
        if (input is SagaCommand.Answer answer)
            _ = _running.Remove(new Attempt(answer.Path, answer.Direction, answer.Run, answer.Attempt));
        if (input is SagaCommand.TakeOver)
            _running.Clear();
        Watcher?.Invoke(this, turn);
        // What comes with an adoption is decided before the new owner begins anything.
        if (input is not SagaCommand.TakeOver)
            Begin();
    }

    public override string ToString()
    {
        var text = new StringBuilder().AppendLine().Append("plan, deadline ").Append(Plan.Deadline?.ToString() ?? "none").AppendLine();
        foreach (var step in Plan.Steps)
            _ = text.AppendLine(
                $"  {step.Path}: {step.Retry.MaxAttempts?.ToString() ?? "any"} attempts, "
                    + $"{(step.HasUndo ? $"undo with {step.UndoRetry.MaxAttempts?.ToString() ?? "any"}" : "no undo")}"
            );
        foreach (var turn in _turns)
            _ = text.AppendLine($"  {turn.Now.TimeOfDay:hh\\:mm\\:ss\\.fff} {Told(turn.Input)}")
                .AppendLine($"      -> {turn.After.Status}: " + $"{Answered(turn)}");
        return text.ToString();
    }

    private static string Answered(Turn turn) =>
        turn.Decision is Decision.Rejected no
            ? $"{no.Kind}: {no.Message}"
            : string.Join(", ", turn.Events.Select(what => what.GetType().Name));

    private static string Told(SagaCommand input)
    {
        var what = input switch
        {
            SagaCommand.Answer answer => $"{answer.Direction} {answer.Path} run {answer.Run} attempt {answer.Attempt}: "
                + $"{answer.Outcome.GetType().Name}{(answer.Outcome is StepOutcome.Failed { WorthRetrying: false } ? " for good" : "")}",
            SagaCommand.TakeOver adopt => adopt.OwnerDied ? "TakeOver, the owner died" : "TakeOver, handed over",
            SagaCommand.RetryUndo retry => $"RetryUndo {retry.Path}",
            SagaCommand.SkipUndo skip => $"SkipUndo {skip.Path}",
            SagaCommand.ResolveUndo resolve => $"ResolveUndo {resolve.Path}",
            _ => input.GetType().Name,
        };
        return input.InFlight.IsEmpty ? what : $"{what}, in flight: {string.Join(", ", input.InFlight)}";
    }

    /// <summary>Begins what is outstanding and due, as an owner does.</summary>
    private void Begin()
    {
        if (SagaDecider.PendingWork(Plan, State).Work is not { } work || !work.IsDue(_now))
            return;
        var attempt = new Attempt(work.Step.Path, work.Direction, work.Run, work.Attempt);
        if (_running.Add(attempt))
            _begun.Add(attempt);
    }

    private SagaCommand Plausible(ref Dice dice)
    {
        var outstanding = SagaDecider.PendingWork(Plan, State);
        if (State.IsStuck && dice.Chance(35))
            return Unstick(ref dice, null);
        if (State.IsPaused && dice.Chance(25))
            return InFlight(new SagaCommand.Resume());
        switch (dice.Roll(100))
        {
            case < 45 when outstanding.Work is { } work:
                if (!work.IsDue(_now))
                    _now = work.DueAt!.Value;
                Begin();
                return new SagaCommand.Answer(work.Step.Path, work.Direction, work.Run, work.Attempt, Outcome(ref dice));
            case < 65 when _begun.Count > 0:
                var attempt = dice.Of(_begun);
                return new SagaCommand.Answer(attempt.Path, attempt.Direction, attempt.Run, attempt.Number, Outcome(ref dice));
            case < 75:
                if (outstanding.WakeAt is { } wakeAt && wakeAt > _now)
                    _now = wakeAt;
                return InFlight(new SagaCommand.TimePassed());
            case < 80:
                _now += TimeSpan.FromMilliseconds(dice.Roll(20_000));
                return InFlight(new SagaCommand.TimePassed());
            case < 83:
                _now -= TimeSpan.FromMilliseconds(dice.Roll(100_000));
                return InFlight(new SagaCommand.TimePassed());
            case < 85 when _begun.Count > 0:
                var stopped = dice.Of(_begun);
                return new SagaCommand.Interrupt(stopped.Path, stopped.Direction, stopped.Run, stopped.Number);
            case < 87:
                return new SagaCommand.TakeOver(new(2), OwnerDied: dice.Chance(60));
            case < 90:
                return InFlight(new SagaCommand.Cancel());
            case < 93:
                return new SagaCommand.Pause();
            case < 96:
                return InFlight(new SagaCommand.Resume());
            case < 97:
                return new SagaCommand.Terminate();
            case < 98:
                return new SagaCommand.Start(Story.Key, Story.Data("1"));
            default:
                return Unstick(ref dice, dice.Chance(50) ? null : dice.Of(Plan.Steps).Path);
        }
    }

    private SagaCommand Anything(ref Dice dice)
    {
        _now += TimeSpan.FromMilliseconds(dice.Roll(30_000) - 10_000);
        var path = dice.Chance(5) ? StepPath.Root("nowhere") : dice.Of(Plan.Steps).Path;
        SagaCommand input = dice.Roll(15) switch
        {
            0 => new SagaCommand.Start(Story.Key, Story.Data("1")),
            1 => new SagaCommand.TakeOver(new(2), dice.Chance(50)),
            2 => new SagaCommand.TimePassed(),
            3 => new SagaCommand.Cancel(),
            4 when dice.Chance(10) => new SagaCommand.Terminate(),
            5 => new SagaCommand.Pause(),
            6 => new SagaCommand.Resume(),
            7 => Unstick(ref dice, dice.Chance(30) ? path : null),
            8 => new SagaCommand.Interrupt(
                path,
                dice.Chance(80) ? StepDirection.Do : StepDirection.Undo,
                1 + dice.Roll(2),
                1 + dice.Roll(5)
            ),
            _ => new SagaCommand.Answer(
                path,
                dice.Chance(50) ? StepDirection.Do : StepDirection.Undo,
                1 + dice.Roll(2),
                1 + dice.Roll(5),
                Outcome(ref dice)
            ),
        };
        return dice.Chance(50) ? input with { InFlight = [path] } : input;
    }

    private static SagaCommand Unstick(ref Dice dice, StepPath? path) =>
        dice.Roll(3) switch
        {
            0 => new SagaCommand.RetryUndo(path),
            1 => new SagaCommand.SkipUndo(path),
            _ => new SagaCommand.ResolveUndo(path),
        };

    private static StepOutcome Outcome(ref Dice dice) =>
        dice.Roll(100) switch
        {
            < 55 => new StepOutcome.Succeeded(dice.Chance(50) ? null : Story.Data("2")),
            < 80 => new StepOutcome.Failed(Story.Broken),
            < 85 => new StepOutcome.Failed(Story.Broken, WorthRetrying: false),
            < 95 => new StepOutcome.Rejected(Story.Broken),
            _ => new StepOutcome.ResultRejectedByFold(Story.Broken),
        };

    private SagaCommand NextToEnd(Func<StepDirection, bool> works)
    {
        if (State.IsPaused)
            return InFlight(new SagaCommand.Resume());
        var outstanding = SagaDecider.PendingWork(Plan, State);
        if (outstanding.Work is { } work)
        {
            if (work.DueAt > _now)
                _now = work.DueAt.Value;
            return new SagaCommand.Answer(
                work.Step.Path,
                work.Direction,
                work.Run,
                work.Attempt,
                works(work.Direction) ? new StepOutcome.Succeeded() : new StepOutcome.Failed(Story.Broken)
            );
        }

        if (State.IsStuck)
            return new SagaCommand.ResolveUndo();
        if (outstanding.WakeAt > _now)
            _now = outstanding.WakeAt.Value;
        return new SagaCommand.TimePassed();
    }

    private SagaCommand InFlight(SagaCommand input) =>
        input with
        {
            InFlight = [.. _running.Where(attempt => attempt.Direction == StepDirection.Do).Select(attempt => attempt.Path)],
        };

    internal readonly record struct Attempt(StepPath Path, StepDirection Direction, int Run, int Number);
}
