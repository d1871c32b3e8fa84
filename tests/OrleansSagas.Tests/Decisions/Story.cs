using System.Collections.Immutable;
using System.Text;
using OrleansSagas.Decisions;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Tests.Decisions;

/// <summary>Tells what happens to one saga, so that an example reads like a specification.</summary>
internal sealed class Story
{
    public static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly SagaKey Key = new(new SagaId("s-1"));
    public static readonly SagaError Broken = new("broken", "It broke.");
    private static readonly Incarnation Newcomer = new(2);

    private SagaState? _state;

    private Story(SagaPlan plan) => Plan = plan;

    public SagaPlan Plan { get; }

    public DateTimeOffset Now { get; private set; } = Noon;

    public SagaState State => _state ?? throw new InvalidOperationException("The saga was not started.");

    public SagaStatus Status => State.Status;

    /// <summary>What the last input led to.</summary>
    public ImmutableArray<SagaEvent> Events { get; private set; } = [];

    public PendingWork PendingWork => SagaDecider.PendingWork(Plan, State);

    /// <summary>The outstanding attempt as "do charge 2" (the attempt) or "undo charge 1"; null for none.</summary>
    public string? Next =>
        PendingWork.Work is { } work ? $"{(work.Direction == StepDirection.Do ? "do" : "undo")} {work.Step.Path} {work.Attempt}" : null;

    public static Story Unstarted(SagaPlan plan) => new(plan);

    public static Story Of(SagaPlan plan) => new Story(plan).Give(new SagaCommand.Start(Key, Data("0")));

    public static Story Of(params string[] steps) => Of(Plans.Of(steps));

    public static Payload Data(string text) => new(Encoding.UTF8.GetBytes(text));

    public StepState Step(string name) =>
        State.Find(StepPath.Root(name)) ?? throw new InvalidOperationException($"Nothing happened to step '{name}'.");

    public bool Knows(string name) => State.Find(StepPath.Root(name)) is not null;

    /// <summary>Gives an input that must be taken.</summary>
    public Story Give(SagaCommand input, params string[] inFlight)
    {
        var decision = Decide(input, inFlight);
        var happened = Assert.IsType<Decision.Accepted>(decision);
        _state = happened.Next;
        Events = happened.Events;
        return this;
    }

    /// <summary>Gives an input that must be refused.</summary>
    public Decision.Rejected Refuses(SagaCommand input, params string[] inFlight) =>
        Assert.IsType<Decision.Rejected>(Decide(input, inFlight));

    public Decision Decide(SagaCommand input, params string[] inFlight) =>
        SagaDecider.Decide(Plan, _state, input with { InFlight = [.. inFlight.Select(StepPath.Root)] }, Now);

    public Story Later(TimeSpan time)
    {
        Now += time;
        return this;
    }

    /// <summary>Lets the time come for which the saga asked to be woken.</summary>
    public Story UntilWoken()
    {
        Now = PendingWork.WakeAt ?? throw new InvalidOperationException("The saga waits for no time.");
        return Give(new SagaCommand.TimePassed());
    }

    /// <summary>Lets the time come at which the outstanding attempt may begin.</summary>
    public Story UntilDue()
    {
        Now = PendingWork.Work?.DueAt ?? Now;
        return this;
    }

    public Story Succeeds(string step) => Ends(step, StepDirection.Do, new StepOutcome.Succeeded());

    public Story Fails(string step) => Ends(step, StepDirection.Do, new StepOutcome.Failed(Broken));

    public Story FailsForGood(string step) => Ends(step, StepDirection.Do, new StepOutcome.Failed(Broken, WorthRetrying: false));

    public Story IsRejected(string step) => Ends(step, StepDirection.Do, new StepOutcome.Rejected(Broken));

    public Story UndoSucceeds(string step) => Ends(step, StepDirection.Undo, new StepOutcome.Succeeded());

    public Story UndoFails(string step) => Ends(step, StepDirection.Undo, new StepOutcome.Failed(Broken));

    public Story IsCancelled(params string[] inFlight) => Give(new SagaCommand.Cancel("changed my mind"), inFlight);

    public Story IsPaused() => Give(new SagaCommand.Pause());

    public Story IsResumed(params string[] inFlight) => Give(new SagaCommand.Resume(), inFlight);

    public Story OwnerDies() => Give(new SagaCommand.TakeOver(Newcomer, OwnerDied: true));

    public Story OwnerHandsOver() => Give(new SagaCommand.TakeOver(Newcomer, OwnerDied: false));

    public static SagaCommand.Answer Succeeded(string step, int attempt = 1, int run = 1) =>
        new(StepPath.Root(step), StepDirection.Do, run, attempt, new StepOutcome.Succeeded());

    public static SagaCommand.Answer Failed(string step, int attempt = 1, int run = 1) =>
        new(StepPath.Root(step), StepDirection.Do, run, attempt, new StepOutcome.Failed(Broken));

    public static SagaCommand.Answer Refused(string step, int attempt = 1, int run = 1) =>
        new(StepPath.Root(step), StepDirection.Do, run, attempt, new StepOutcome.Rejected(Broken));

    public static SagaCommand.Answer ResultRejectedByFold(string step, int attempt = 1, int run = 1) =>
        new(StepPath.Root(step), StepDirection.Do, run, attempt, new StepOutcome.ResultRejectedByFold(Broken));

    public static SagaCommand.Answer Undone(string step, int attempt = 1, int run = 1) =>
        new(StepPath.Root(step), StepDirection.Undo, run, attempt, new StepOutcome.Succeeded());

    public static SagaCommand.Answer UndoFailed(string step, int attempt = 1, int run = 1) =>
        new(StepPath.Root(step), StepDirection.Undo, run, attempt, new StepOutcome.Failed(Broken));

    /// <summary>Answers the outstanding attempt, which must be of this step and direction.</summary>
    private Story Ends(string step, StepDirection direction, StepOutcome outcome)
    {
        var work = Assert.NotNull(PendingWork.Work);
        Assert.Equal((StepPath.Root(step), direction), (work.Step.Path, work.Direction));
        return Give(new SagaCommand.Answer(work.Step.Path, direction, work.Run, work.Attempt, outcome));
    }
}
