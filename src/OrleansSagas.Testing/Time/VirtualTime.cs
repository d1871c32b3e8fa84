namespace OrleansSagas.Testing;

/// <summary>A clock that stands still until it is moved. Its timers fire on the way, in the order of their times.</summary>
/// <remarks>Not a FakeTimeProvider: a host stops at each timer, knows how far the next one is and who set it, fires equal times in the
/// order in which they were set, and sets the clock back.</remarks>
public sealed class VirtualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Setting, (long At, long Number)> _settings = new();
    private DateTimeOffset _utcNow;
    private long _elapsed;
    private long _number;
    private int _hosts;

    /// <summary>Starts at <paramref name="utcNow"/>; at the beginning of 2026 unless told otherwise.</summary>
    public VirtualTime(DateTimeOffset? utcNow = null) => _utcNow = utcNow ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Who is told of the timers that the current flow of execution sets; null for nobody.</summary>
    internal static AsyncLocal<ITimerOwner?> TimerOwner { get; } = new();

    /// <summary>Takes the clock for one host, which alone moves it; false where another has it.</summary>
    internal bool TryTake() => Interlocked.CompareExchange(ref _hosts, 1, 0) == 0;

    /// <summary>Gives it back.</summary>
    internal void GiveBack() => Volatile.Write(ref _hosts, 0);

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _utcNow;
    }

    /// <inheritdoc />
    public override long GetTimestamp()
    {
        lock (_gate)
            return _elapsed;
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        _ = timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>How long it is until the next timer fires; null when none is set.</summary>
    public TimeSpan? UntilNextTimer
    {
        get
        {
            lock (_gate)
                return TryPeek(out var at) ? TimeSpan.FromTicks(Math.Max(0, at - _elapsed)) : null;
        }
    }

    /// <summary>
    /// Moves to the next timer and fires it, unless it is more than <paramref name="longest"/> away: then it moves by that much and fires
    /// none.
    /// </summary>
    /// <returns>Whether a timer fired.</returns>
    public bool MoveToNextTimer(TimeSpan longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, TimeSpan.Zero);
        VirtualTimer timer;
        lock (_gate)
        {
            if (!TryPeek(out var at) || at - _elapsed > longest.Ticks)
            {
                Move(longest.Ticks);
                return false;
            }

            timer = _settings.Dequeue().Timer;
            Move(Math.Max(0, at - _elapsed));
            timer.Restart();
        }

        timer.Fire();
        return true;
    }

    /// <summary>
    /// Sets the clock forward or back, as an operator or a time server does: what is measured in elapsed time does not notice.
    /// </summary>
    public void Jump(TimeSpan by)
    {
        lock (_gate)
            _utcNow += by;
    }

    private void Move(long ticks)
    {
        _elapsed += ticks;
        _utcNow += TimeSpan.FromTicks(ticks);
    }

    private bool TryPeek(out long at)
    {
        while (_settings.TryPeek(out var setting, out var priority))
        {
            at = priority.At;
            if (setting.Timer.IsSetting(setting))
                return true;
            _ = _settings.Dequeue();
        }

        at = 0;
        return false;
    }

    private readonly record struct Setting(VirtualTimer Timer, long Number);

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private readonly ITimerOwner? _owner = TimerOwner.Value;
        private TimeSpan _period;
        private long _current;
        private bool _isSet;

        public bool IsSetting(Setting setting) => setting.Number == _current;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                _period = period;
                Set(dueTime);
            }

            return true;
        }

        public void Restart() => Set(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);

        public void Fire() => callback(state);

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(TimeSpan dueTime)
        {
            _current = ++time._number;
            var wasSet = _isSet;
            _isSet = dueTime >= TimeSpan.Zero;
            if (_isSet && !wasSet)
                _owner?.TimerSet();
            else if (wasSet && !_isSet)
                _owner?.TimerGone();
            if (_isSet)
                time._settings.Enqueue(new Setting(this, _current), (time._elapsed + dueTime.Ticks, _current));
        }
    }
}
