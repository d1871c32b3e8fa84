using System.Diagnostics;
using OrleansSagas.Plans;

namespace OrleansSagas.Testing;

/// <summary>An attempt of the user's code that has not returned. It is at work, or waits for virtual time, or is known to hang.</summary>
internal sealed class StepAttempt(TestProcess life, StepContext context, StepDirection direction) : ITimerOwner
{
    private int _timers;
    private long _atWorkSince = Stopwatch.GetTimestamp();

    public TestProcess Life => life;

    public CancellationToken Cancellation => context.Cancellation;

    /// <summary>How long it has been at work.</summary>
    public TimeSpan AtWorkFor => Stopwatch.GetElapsedTime(Volatile.Read(ref _atWorkSince));

    public void TimerSet()
    {
        if (Interlocked.Increment(ref _timers) == 1)
            life.Waits(this);
    }

    public void TimerGone()
    {
        if (Interlocked.Decrement(ref _timers) > 0)
            return;
        Volatile.Write(ref _atWorkSince, Stopwatch.GetTimestamp());
        life.Works(this);
    }

    public override string ToString() =>
        $"attempt {context.Attempt} to {(direction == StepDirection.Do ? "do" : "undo")} '{context.Step}' of saga '{context.SagaId}'";
}
