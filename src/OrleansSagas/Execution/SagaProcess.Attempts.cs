using OrleansSagas.Decisions;
using OrleansSagas.Plans;

namespace OrleansSagas.Execution;

/// <summary>Beginning what is outstanding, and taking its answers.</summary>
internal sealed partial class SagaProcess
{
    private static readonly SagaError TimedOut = new("timeout", "The attempt did not answer within its timeout.");

    /// <summary>Begins what is outstanding and due, cancels what is no longer wanted, and sets the timer for the rest.</summary>
    private void Dispatch()
    {
        var (plan, state) = (_definition!.Plan, _state!);
        CancelUnwanted(plan, state);
        var outstanding = SagaDecider.PendingWork(plan, state);
        if (outstanding.Work is { } work && work.IsDue(Now))
        {
            if (!IsLeaving && !IsInFlight(work))
                Begin(work);

            // Its pause is over: what it waited for is no longer what to wake up for, and may hide what is.
            if (work.DueAt is not null && state.Find(work.Step.Path) is { } step)
                outstanding = SagaDecider.PendingWork(plan, state.With(step with { DueAt = null }));
        }

        SetTimer(outstanding.WakeAt);
    }

    private bool IsInFlight(WorkItem work)
    {
        foreach (var attempt in _inFlight)
            if (
                attempt.Work.Step == work.Step
                && attempt.Work.Direction == work.Direction
                && attempt.Work.Run == work.Run
                && attempt.Work.Attempt == work.Attempt
            )
                return true;
        return false;
    }

    private void CancelUnwanted(SagaPlan plan, SagaState state)
    {
        for (var i = _inFlight.Count - 1; i >= 0; i--)
        {
            var attempt = _inFlight[i];
            if (!SagaDecider.Awaits(plan, state, attempt.Work))
            {
                attempt.Cancel(_services.Runtime);
                _inFlight.RemoveAt(i);
                _abandoned.Add(attempt);
            }
            else if (state.Direction == SagaDirection.Compensating && attempt.Work.Direction == StepDirection.Do)
            {
                attempt.Cancel(_services.Runtime);
            }
        }
    }

    /// <summary>Begins an attempt, off the turns of this process: the user's code may block.</summary>
    private void Begin(WorkItem work)
    {
        var clock = _services.Runtime.Clock;
        List<Task>? actions = null;
        if (work.Direction == StepDirection.Undo)
            foreach (var earlier in _abandoned)
                if (earlier.Work.Step == work.Step && earlier.Work.Direction == StepDirection.Do)
                    (actions ??= []).Add(earlier.Returned.Task);
        var longest = work.Step.TimeoutOf(work.Direction) + (actions is null ? TimeSpan.Zero : SagaDecider.Grace);
        var context = new StepAttemptContext(this, _definition!, _state!, _data, _traceParent, actions ?? []);
        var attempt = new StepAttempt(work, clock.GetTimestamp() + (long)(longest.TotalSeconds * clock.TimestampFrequency), context);
        _inFlight.Add(attempt);
        _services.Host.AttemptBegan();
        _services.Runtime.Begin(static attempt => _ = attempt.Context.Process.RunAttemptAsync(attempt), attempt);
    }

    private async Task RunAttemptAsync(StepAttempt attempt)
    {
        if (attempt.IsCancelled)
        {
            // The saga ended, or is held elsewhere, before the first line of the user's code.
            attempt.Returned.TrySetResult();
            _services.Host.AttemptLeft();
            return;
        }

        var (outcome, result) = await StepExecutor.RunAsync(_services, attempt);
        attempt.Returned.TrySetResult();
        attempt.Answer(AnswerOf(attempt, outcome, result));

        // Not before: a stop that sees the last attempt leave must see the process busy with its answer.
        _services.Host.AttemptLeft();
    }

    private static SagaMessage AnswerOf(StepAttempt attempt, StepOutcome? outcome, Task? result)
    {
        if (outcome is null)
            return SagaMessage.Interrupted(attempt);
        var work = attempt.Work;
        var answer = new SagaCommand.Answer(work.Step.Path, work.Direction, work.Run, work.Attempt, outcome);
        return new SagaMessage(new CommandEnvelope { Input = answer, TraceParent = attempt.Context.TraceParent })
        {
            Attempt = attempt,
            Result = result,
        };
    }

    internal void CallbackThrew(StepPath step, Exception exception) =>
        SagaProcessLog.CallbackThrew(_services.Logger, Key, step.Value, exception);

    /// <summary>Answers for the attempts that have run out of time.</summary>
    private void AddTimeouts(List<SagaMessage> messages)
    {
        if (_inFlight.Count == 0)
            return;
        var now = _services.Runtime.Clock.GetTimestamp();
        foreach (var attempt in _inFlight)
        {
            if (attempt.HasTimedOut || attempt.TimesOutAt > now)
                continue;
            attempt.HasTimedOut = true;
            attempt.Cancel(_services.Runtime);
            var work = attempt.Work;
            var answer = new SagaCommand.Answer(work.Step.Path, work.Direction, work.Run, work.Attempt, new StepOutcome.Failed(TimedOut));
            messages.Add(new SagaMessage(new CommandEnvelope { Input = answer, TraceParent = _traceParent }) { Attempt = attempt });
        }
    }

    /// <summary>
    /// Sets the one timer to the earliest of what is to come. It may fire too early, and is set again then; so a step that is quick costs
    /// no timer.
    /// </summary>
    private void SetTimer(DateTimeOffset? wakeAt)
    {
        var clock = _services.Runtime.Clock;
        var now = clock.GetTimestamp();
        var next = long.MaxValue;
        _wakeAt = null;
        if (wakeAt is { } due)
        {
            var left = due - clock.GetUtcNow();
            next = now + (long)(left.TotalSeconds * clock.TimestampFrequency);
            if (left > TimeSpan.Zero)
                _wakeAt = due; // one that is over was measured
        }

        foreach (var attempt in _inFlight)
            if (!attempt.HasTimedOut && attempt.TimesOutAt < next)
                next = attempt.TimesOutAt;
        if (next >= _timerAt)
            return;
        _timerAt = next;

        // Rounded up, so that it does not fire just before what it waits for.
        var delay = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((next - now) * 1_000.0 / clock.TimestampFrequency)));
        if (delay > LongestTimer)
            delay = LongestTimer;
        if (_timer is null)
            _timer = clock.CreateTimer(
                static process => ((SagaProcess)process!).Send(SagaMessage.Tick()),
                this,
                delay,
                Timeout.InfiniteTimeSpan
            );
        else
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
}
