using OrleansSagas.Decisions;
using OrleansSagas.Storage;
using OrleansSagas.Telemetry;

namespace OrleansSagas.Execution;

/// <summary>How a process lets go of its saga, and what becomes of what is left.</summary>
internal sealed partial class SagaProcess
{
    /// <summary>
    /// Lets go in good order, in a turn of its own: what runs is cancelled and recorded as interrupted, the row says that nobody holds the
    /// saga, and then it closes.
    /// </summary>
    /// <param name="cancellation">Ends the wait for the commit; then it closes as it is.</param>
    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        if (IsUnused)
        {
            Close();
            return;
        }

        BeginRelease();
        await RestAsync(cancellation);
        if (_isClosed || _isDetaching)
            return;
        Close();
        _services.Host.ScheduleReload(Key);
    }

    /// <summary>Begins to let go in good order, from anywhere.</summary>
    public void SendRelease()
    {
        Interlocked.Increment(ref _onTheWay);
        SagaRuntime.Begin(
            _turns,
            static process =>
            {
                process.BeginRelease();
                Interlocked.Decrement(ref process._onTheWay);
            },
            this
        );
    }

    /// <summary>Its activation is lost, the saga is not: what runs goes on, and is kept for the process that is loaded next here.</summary>
    /// <param name="cancellation">Ends the wait for a commit that is under way.</param>
    public async Task DetachAsync(CancellationToken cancellation)
    {
        if (_isReleasing)
        {
            await ReleaseAsync(cancellation);
            return;
        }

        _isDetaching = true;
        await RestAsync(cancellation);
        if (_isClosed)
            return;

        // Where a commit is under way still, or the saga was not taken over yet, nobody knows what may have begun: then it is as after a
        // crash.
        if (_knowsWhatRuns && !_isPumping)
            KeepAttempts();
        Close();
    }

    private void KeepAttempts()
    {
        var kept = new KeptAttempts([.. _inFlight], [.. _abandoned]);
        foreach (var attempt in kept.All)
            attempt.Detach();
        _inFlight.Clear();
        _abandoned.Clear();
        _services.Host.Keep(Key, kept);
    }

    /// <summary>Closes it where it was never loaded and has nothing to do.</summary>
    public void CloseIfUnused()
    {
        if (IsUnused && !_isClosed)
            Close();
    }

    private void BeginRelease()
    {
        if (_isClosed || _isReleasing || _isDetaching)
            return;
        _isReleasing = true;
        foreach (var attempt in _inFlight)
            Interrupt(attempt);
        _waiting.Add(SagaMessage.Tick());
        Pump();
    }

    private void Interrupt(StepAttempt attempt)
    {
        attempt.Cancel(_services.Runtime);
        if (!attempt.HasTimedOut)
            _waiting.Add(SagaMessage.Interrupted(attempt));
    }

    /// <summary>Waits until no turn is under way.</summary>
    private async Task RestAsync(CancellationToken cancellation)
    {
        if (!_isPumping)
            return;
        _atRest ??= new TaskCompletionSource();
        using var registration = cancellation.UnsafeRegister(static rest => ((TaskCompletionSource)rest!).TrySetResult(), _atRest);
        await _atRest.Task;
    }

    /// <summary>Takes no more messages; those that are left go to the next process.</summary>
    private void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        var left = _waiting;
        _waiting = [];
        _timer?.Dispose();
        CancelAll();
        _services.Host.Closed(this);
        _onClosed?.Invoke();
        PassOnAll(left);
    }

    private void PassOnAll(List<SagaMessage> messages)
    {
        foreach (var message in messages)
            PassOn(message);
    }

    /// <summary>
    /// Gives what came too late to whoever holds the saga now. Of the attempts only a success matters still: what it did must not be
    /// forgotten.
    /// </summary>
    private void PassOn(SagaMessage message)
    {
        if (message.IsTick || message.IsFromOutside)
            message.Answer(new CommandResult.Moved()); // not given on from here: who waits for it may keep this activation from going
        else if (message.Attempt is { } attempt && attempt.Process != this)
            attempt.Process?.Send(message); // where the next process is not there yet, it finds the answer with the attempt
        else if (message.Call.Input is SagaCommand.Answer { Outcome: StepOutcome.Succeeded })
            _services.Host.Forward(Key, message);
        else if (message.Attempt is { } late)
            _services.Instruments.Late(late.Context.Definition.Plan.Type, LateAnswer.Dropped);
    }

    /// <summary>
    /// Tells those who were waiting for a commit what became of it, when this process is no longer the one to go on from there.
    /// </summary>
    private void TellAfterClose(PendingCommit pending, CommitResult result)
    {
        if (result.Outcome == CommitOutcome.Committed)
            Count(pending);
        foreach (var (message, decision) in pending.Taken)
        {
            if (result.Outcome == CommitOutcome.Unknown)
                message.Answer(NobodyKnows);
            if (result.Outcome != CommitOutcome.Committed)
                PassOn(message);
            else if (decision is Decision.Rejected rejected)
                message.Answer(new CommandResult.Refused(rejected.Kind, rejected.Message));
            else
                message.Answer(ReadItYourself);
        }
    }

    private static void AnswerAll(IEnumerable<SagaMessage> messages, CommandResult reply)
    {
        foreach (var message in messages)
            message.Answer(reply);
    }
}
