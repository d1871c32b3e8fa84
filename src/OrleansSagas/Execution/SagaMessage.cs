using OrleansSagas.Deciding;
using OrleansSagas.Payloads;

namespace OrleansSagas.Execution;

/// <summary>One call in an owner's mailbox, with where its reply goes.</summary>
internal sealed class SagaMessage(SagaCall call)
{
    /// <summary>A message that only makes the owner look at the clock.</summary>
    public static SagaMessage Tick(TaskCompletionSource<SagaReply>? reply = null) => new(TickCall) { Reply = reply };

    /// <summary>A message that says that an attempt has returned without an answer, because the engine stops.</summary>
    public static SagaMessage Interrupted(StepAttempt attempt) =>
        new(new SagaCall { Input = new SagaInput.Interrupt(attempt.Work.Step.Path, attempt.Work.Direction, attempt.Work.Run, attempt.Work.Attempt) }) { Attempt = attempt };

    /// <summary>A message that makes the owner let go, whatever runs: the saga is to be held elsewhere.</summary>
    public static SagaMessage Leave() => new(TickCall) { IsLeave = true };

    private static readonly SagaCall TickCall = new() { Input = new SagaInput.TimePassed() };

    public SagaCall Call { get; } = call;

    /// <summary>Where the reply goes when it is durable; null where nobody waits for it.</summary>
    public TaskCompletionSource<SagaReply>? Reply { get; init; }

    /// <summary>Where the reply goes when the saga has ended; null where nobody waits for that.</summary>
    public TaskCompletionSource<SagaReply>? AtEnd { get; init; }

    /// <summary>The attempt that this answers; null where it answers none.</summary>
    public StepAttempt? Attempt { get; init; }

    /// <summary>The finished task of a successful action, which holds its result; null otherwise.</summary>
    public Task? Acted { get; init; }

    /// <summary>Whether the owner must let go.</summary>
    public bool IsLeave { get; private init; }

    /// <summary>How often it was given on to another owner.</summary>
    public int Forwarded { get; set; }

    /// <summary>The fold of a success, kept for when the commit must be tried again: the user's fold runs once.</summary>
    public (object Before, object After, StepOutcome Outcome)? Folded { get; set; }

    public bool IsTick => ReferenceEquals(Call, TickCall);

    /// <summary>Whether somebody outside waits for it, so that it can be refused instead of kept.</summary>
    public bool IsFromOutside => Reply is not null;

    public void Answer(SagaReply reply)
    {
        Reply?.TrySetResult(reply);
        AtEnd?.TrySetResult(reply);
    }
}
