namespace OrleansSagas.TestKit;

/// <summary>A clock that stands still until it is told to move; its timers fire in order on the way.</summary>
/// <remarks>FakeTimeProvider shows every timer the time at the end of the way, and fires one that is due at once inside
/// the call that sets it.</remarks>
internal sealed class ManualTime : TimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TaskCompletionSource _changed = New();
    private long _number;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, period);
        var timer = new ManualTimer(this, callback, state);
        _ = timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>How many timers were set so far.</summary>
    public long Set => Interlocked.Read(ref _number);

    /// <summary>Moves on, through every timer on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers
                    .Where(timer => timer.Due <= until)
                    .OrderBy(timer => timer.Due)
                    .ThenBy(timer => timer.Number)
                    .FirstOrDefault();
                _now =
                    next is null ? until
                    : next.Due > _now ? next.Due
                    : _now;
                if (next is not null)
                    Remove(next);
            }

            if (next is null)
                return;
            next.Fire();
        }
    }

    /// <summary>Waits until a timer is set that fires this far from now (give or take two milliseconds, because owners round up).</summary>
    public Task HasTimerAsync(TimeSpan inTime) =>
        HaveAsync(
            timers => timers.Any(timer => (timer.Due - _now - inTime).Duration() <= TimeSpan.FromMilliseconds(2)),
            $"a timer in {inTime}"
        );

    /// <summary>Waits until exactly so many timers are set.</summary>
    public Task HasTimersAsync(int count) => HaveAsync(timers => timers.Count == count, $"{count} timers");

    /// <summary>Moves on in small steps until <paramref name="task"/> is complete; others run in between.</summary>
    public async Task RunUntilAsync(Task task, TimeSpan step)
    {
        var began = Environment.TickCount64;
        while (await Task.WhenAny(task, Task.Delay(1)) != task)
        {
            Assert.True(Environment.TickCount64 - began < Patience.TotalMilliseconds, $"Waited {Patience} while the clock moved on.");
            Advance(step);
        }

        await task;
    }

    private async Task HaveAsync(Func<List<ManualTimer>, bool> wanted, string what)
    {
        while (true)
        {
            Task changed;
            string known;
            lock (_gate)
            {
                if (wanted(_timers))
                    return;
                changed = _changed.Task;
                known = string.Join(", ", _timers.Select(timer => timer.Due - _now));
            }

            try
            {
                await changed.WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"Waited {Patience} for {what}; there are: {known}.");
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Remove(ManualTimer timer)
    {
        _ = _timers.Remove(timer);
        var changed = _changed;
        _changed = New();
        changed.SetResult();
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public long Number { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = time._now + dueTime;
                Number = Interlocked.Increment(ref time._number);
                time._timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
                time.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        public void Fire() => callback(state);
    }
}
