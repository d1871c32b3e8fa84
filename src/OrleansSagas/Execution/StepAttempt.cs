using OrleansSagas.Decisions;

namespace OrleansSagas.Execution;

/// <summary>One attempt that was begun here.</summary>
/// <remarks>
/// It belongs to the process that began it, or that took it over from one that lost its activation. Its answer goes to whichever that is
/// then.
/// </remarks>
#pragma warning disable CA1001 // the source has no timer and no handle; the user's code may hold its token for as long as it likes
internal sealed class StepAttempt(WorkItem work, long timesOutAt, StepAttemptContext context)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _cancel = new();
    private volatile SagaProcess? _process = context.Process;
    private volatile SagaMessage? _answer;

    public WorkItem Work { get; } = work;

    /// <summary>When it times out, in the clock's timestamp.</summary>
    public long TimesOutAt { get; } = timesOutAt;

    /// <summary>What it runs in.</summary>
    public StepAttemptContext Context { get; } = context;

    /// <summary>Cancelled at the timeout, and when the answer is no longer wanted.</summary>
    public CancellationToken Cancellation => _cancel.Token;

    /// <summary>Completes when the user's code has returned, whatever it answered.</summary>
    public TaskCompletionSource Returned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether its timeout was answered already.</summary>
    public bool HasTimedOut { get; set; }

    /// <summary>Whether its token was cancelled already.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Whose attempt it is; null while its process has lost its activation and the next one is not loaded yet.</summary>
    public SagaProcess? Process => _process;

    /// <summary>Its process has lost its activation: whatever it answers is kept until the next one takes it over.</summary>
    public void Detach() => _process = null;

    /// <summary>Gives it to <paramref name="process"/>; returns its answer, where it has one already.</summary>
    public SagaMessage? AttachTo(SagaProcess process)
    {
        HasTimedOut = false; // it was answered in a commit that may not have been made
        _process = process;
        Interlocked.MemoryBarrier(); // either this sees the answer, or the answer sees the process
        return _answer;
    }

    /// <summary>It has an answer: its process is told, the one that takes it over finds it.</summary>
    public void Answer(SagaMessage answer)
    {
        _answer = answer;
        Interlocked.MemoryBarrier();
        _process?.Send(answer);
    }

    /// <summary>Cancels its token; callbacks of the user's run elsewhere, so that they hold up nobody.</summary>
    public void Cancel(SagaRuntime runtime)
    {
        if (IsCancelled)
            return;
        IsCancelled = true;
        runtime.Begin(static attempt => attempt.CancelHere(), this);
    }

    private void CancelHere()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (AggregateException exception)
        {
            // What a callback on the token does is the step's own affair: its answer, or its timeout, is what counts.
            Context.Process.CallbackThrew(Work.Step.Path, exception);
        }
    }
}
