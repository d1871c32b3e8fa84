using System.Globalization;

namespace OrleansSagas;

/// <summary>Waits for a saga's end, one held call after another, until its time is over.</summary>
internal sealed class SagaWait
{
    private readonly ISagaCalls _calls;
    private readonly long _began;

    /// <exception cref="ArgumentOutOfRangeException">The timeout is not positive, or is longer than can be waited.</exception>
    public SagaWait(ISagaCalls calls, TimeSpan? timeout)
    {
        if (timeout is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(given, TimeSpan.Zero, nameof(timeout));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(given, calls.LongestWait, nameof(timeout));
        }
        (_calls, Timeout, _began) = (calls, timeout, calls.Clock.GetTimestamp());
    }

    /// <summary>How long it waits; null for ever.</summary>
    public TimeSpan? Timeout { get; }

    /// <summary>How long the next call may be held.</summary>
    public TimeSpan NextHold =>
        Left is not { } left || left > _calls.LongestHold ? _calls.LongestHold
        : left > TimeSpan.Zero ? left
        : TimeSpan.Zero;

    private TimeSpan? Left => Timeout - _calls.Clock.GetElapsedTime(_began);

    public async Task<SagaView> ForEndAsync(SagaId id, SagaView? last, CancellationToken cancellationToken)
    {
        if (Left is not { } left)
            return await PollAsync(id, _ => { }, cancellationToken);
        if (left <= TimeSpan.Zero)
            throw TimedOut(id, last);
        using var timer = new CancellationTokenSource(left, _calls.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await PollAsync(id, seen => last = seen, both.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(id, last);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private async Task<SagaView> PollAsync(SagaId id, Action<SagaView> seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            var hold = NextHold;
            var began = _calls.Clock.GetTimestamp();
            var view = await _calls.GetAsync(id, hold, cancellationToken);
            if (view.Status.IsTerminal())
                return view;
            seen(view);

            // A server that stops, or a proxy that drops a header, answers early: do not ask in a tight loop.
            if (hold == TimeSpan.Zero || _calls.Clock.GetElapsedTime(began) < hold)
                await Task.Delay(_calls.Pause, _calls.Clock, cancellationToken);
        }
    }

    private SagaWaitTimeoutException TimedOut(SagaId id, SagaView? last) =>
        new(
            $"Saga '{id}' had not ended after {Timeout?.ToString("c", CultureInfo.InvariantCulture)}"
                + (last is null ? ", and no answer about it came" : $"; it was {last.Status}")
                + ". It goes on: wait again, watch it, or cancel it."
        )
        {
            SagaId = id,
            LastView = last,
        };
}
