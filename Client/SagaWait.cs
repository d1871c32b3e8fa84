using System.Globalization;

namespace OrleansSagas.Client;

/// <summary>Waits for a saga's end, one long poll after another, until its time is over.</summary>
internal sealed class SagaWait
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24); // a timer holds no more

    private readonly SagaChannel _channel;
    private readonly TimeSpan? _timeout;
    private readonly long _began;

    public SagaWait(SagaChannel channel, TimeSpan? timeout)
    {
        if (timeout is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(given, TimeSpan.Zero, nameof(timeout));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(given, Longest, nameof(timeout));
        }
        (_channel, _timeout, _began) = (channel, timeout, channel.Clock.GetTimestamp());
    }

    private TimeSpan? Left => _timeout - _channel.Clock.GetElapsedTime(_began);

    /// <summary>Whole seconds that the next call may wait on the server: zero where less than one is left.</summary>
    public int NextSeconds()
    {
        var most = _channel.Options.PollWait;
        return (int)Math.Max(0, (Left is { } left && left < most ? left : most).TotalSeconds);
    }

    public async Task<SagaView> ForEndAsync(SagaId id, SagaView? last, CancellationToken cancellationToken)
    {
        if (Left is not { } left)
            return await PollAsync(id, _ => { }, cancellationToken);
        if (left <= TimeSpan.Zero)
            throw TimedOut(id, last);
        using var timer = new CancellationTokenSource(left, _channel.Clock);
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
            var asked = NextSeconds();
            var began = _channel.Clock.GetTimestamp();
            var call = new SagaCall(HttpMethod.Get, $"sagas/{Uri.EscapeDataString(id.Value)}")
            {
                Kind = SagaCallKind.Read,
                Purpose = $"wait for saga '{id}'",
                Saga = id,
                WaitSeconds = asked,
            };
            var view = await _channel.CallAsync(call, SagaJsonContext.Default.SagaView, cancellationToken);
            if (view.Status.IsTerminal())
                return view;
            seen(view);

            // A server that stops, or a proxy that drops the header, answers early: do not ask in a tight loop.
            if (asked == 0 || _channel.Clock.GetElapsedTime(began) < TimeSpan.FromSeconds(asked))
                await Task.Delay(_channel.Options.RetryDelay, _channel.Clock, cancellationToken);
        }
    }

    private SagaWaitTimeoutException TimedOut(SagaId id, SagaView? last) =>
        new(
            $"Saga '{id}' had not ended after {_timeout?.ToString("c", CultureInfo.InvariantCulture)}"
                + (last is null ? ", and no answer about it came" : $"; it was {last.Status}")
                + ". It goes on: wait again, watch it, or cancel it."
        )
        {
            SagaId = id,
            LastView = last,
        };
}
