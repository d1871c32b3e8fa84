namespace OrleansSagas.Tests.Client;

/// <summary>
/// Virtual time: a timer that <see cref="Skips"/> admits fires at once and moves the clock by its time; others wait for <see cref="Fire"/>.
/// By default retry delays, up to five seconds and jitter, are skipped, and timeouts do not come by themselves.
/// </summary>
/// <remarks>FakeTimeProvider fires every timer that the moved clock has passed, the timeouts among them.</remarks>
internal sealed class SkippingClock : TimeProvider
{
    private readonly List<(TimeSpan Due, SkippedTimer Timer)> _pending = [];
    private long _ticks = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks;

    public Func<TimeSpan, bool> Skips { get; set; } = due => due < TimeSpan.FromSeconds(6);

    public List<TimeSpan> Skipped { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    /// <summary>Fires the timers that were set to go off after <paramref name="due"/>.</summary>
    public void Fire(TimeSpan due)
    {
        List<SkippedTimer> timers;
        lock (_pending)
        {
            timers = [.. _pending.Where(pending => pending.Due == due && !pending.Timer.Disposed).Select(pending => pending.Timer)];
            _pending.RemoveAll(pending => pending.Due == due);
        }
        Assert.NotEmpty(timers);
        Advance(due);
        foreach (var timer in timers)
            timer.Fire();
    }

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SkippedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SkippedTimer(SkippingClock clock, TimerCallback callback, object? state) : ITimer
    {
        private volatile bool _disposed;

        public bool Disposed => _disposed;

        public void Fire() =>
            ThreadPool.QueueUserWorkItem(_ =>
            {
                if (!_disposed)
                    callback(state);
            });

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime < TimeSpan.Zero)
                return !_disposed;
            if (!clock.Skips(dueTime))
            {
                lock (clock._pending)
                    clock._pending.Add((dueTime, this));
                return !_disposed;
            }
            lock (clock.Skipped)
                clock.Skipped.Add(dueTime);
            clock.Advance(dueTime);
            Fire();
            return !_disposed;
        }

        public void Dispose() => _disposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
