using OrleansSagas.Decisions;
using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>One thing that a process is told: what a caller asks, how an attempt ended, or that time has passed.</summary>
internal sealed class SagaMessage(CommandEnvelope call)
{
    private static readonly CommandEnvelope TickCall = new() { Input = new SagaCommand.TimePassed() };

    /// <summary>A message that only makes the process look at the clock.</summary>
    public static SagaMessage Tick(TaskCompletionSource<CommandResult>? reply = null, SagaNeeds? needs = null) =>
        new(TickCall) { Reply = reply, Needs = needs };

    /// <summary>A message that says that an attempt has no answer, because the process is to let go of the saga.</summary>
    public static SagaMessage Interrupted(StepAttempt attempt) =>
        new(
            new CommandEnvelope
            {
                Input = new SagaCommand.Interrupt(attempt.Work.Step.Path, attempt.Work.Direction, attempt.Work.Run, attempt.Work.Attempt),
            }
        )
        {
            Attempt = attempt,
        };

    public CommandEnvelope Call { get; } = call;

    /// <summary>Where the reply goes when it is durable; null where nobody waits for it.</summary>
    public TaskCompletionSource<CommandResult>? Reply { get; init; }

    /// <summary>What the saga needs, where it is known that not all have it; null otherwise.</summary>
    public SagaNeeds? Needs { get; set; }

    /// <summary>The attempt that this answers; null where it answers none.</summary>
    public StepAttempt? Attempt { get; init; }

    /// <summary>The finished task of a successful action, which holds its result; null otherwise.</summary>
    public Task? Result { get; init; }

    /// <summary>The process that it is on its way to.</summary>
    public SagaProcess? Recipient { get; set; }

    /// <summary>How often it was given on to another process.</summary>
    public int Forwarded { get; set; }

    /// <summary>The fold of a success, kept for when the commit must be tried again: the user's fold runs once.</summary>
    public (object Before, object After, StepOutcome Outcome)? Folded { get; set; }

    public bool IsTick => ReferenceEquals(Call, TickCall);

    /// <summary>Whether somebody outside waits for it, so that it can be refused instead of kept.</summary>
    public bool IsFromOutside => Reply is not null;

    /// <summary>
    /// What goes before all else that waits: that the saga was taken over, because it says what may have begun; then what ends the saga or
    /// turns it back.
    /// </summary>
    public int Urgency =>
        Call.Input switch
        {
            SagaCommand.TakeOver => 2,
            SagaCommand.Cancel or SagaCommand.Terminate => 1,
            _ => 0,
        };

    public void Answer(CommandResult reply) => Reply?.TrySetResult(reply);
}
