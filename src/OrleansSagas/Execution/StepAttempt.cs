using OrleansSagas.Deciding;

namespace OrleansSagas.Execution;

/// <summary>One attempt that was begun here.</summary>
#pragma warning disable CA1001 // the source has no timer and no handle; the user's code may hold its token for as long as it likes
internal sealed class StepAttempt(StepWork work, long timesOutAt)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _cancel = new();

    public StepWork Work { get; } = work;

    /// <summary>When it times out, in the clock's timestamp.</summary>
    public long TimesOutAt { get; } = timesOutAt;

    /// <summary>What it runs in; set when it begins.</summary>
    public StepAttemptContext? Setting { get; set; }

    /// <summary>Cancelled at the timeout, and when the answer is no longer wanted.</summary>
    public CancellationToken Cancellation => _cancel.Token;

    /// <summary>Completes when the user's code has returned, whatever it answered.</summary>
    public TaskCompletionSource Returned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether its timeout was answered already.</summary>
    public bool HasTimedOut { get; set; }

    /// <summary>Whether its token was cancelled already.</summary>
    public bool IsCancelled { get; private set; }

    private void CancelHere()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (AggregateException exception)
        {
            // What a callback on the token does is the step's own affair: its answer, or its timeout, is what counts.
            Setting?.Owner.CallbackThrew(Work.Step.Path, exception);
        }
    }

    /// <summary>Cancels its token; callbacks of the user's run elsewhere, so that they hold up nobody.</summary>
    public void Cancel(SagaRuntime runtime)
    {
        if (IsCancelled)
            return;
        IsCancelled = true;
        runtime.Begin(static attempt => attempt.CancelHere(), this);
    }
}
