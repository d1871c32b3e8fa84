namespace OrleansSagas.Simulation.Tests.Worlds;

/// <summary>A process's view of the time: its own clock may be wrong, its timers late, and they die with it.</summary>
/// <remarks>A view of the world's one clock, so not a clock that FakeTimeProvider could be: its time cannot go back, and its
/// timers are not late.</remarks>
internal sealed class ProcessClock(World world, Chance chance, TimeSpan lateness) : TimeProvider
{
    /// <summary>How wrong the clock is.</summary>
    public TimeSpan Skew { get; set; }

    public bool IsDead { get; set; }

    public override long TimestampFrequency => world.Time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => world.Time.GetUtcNow() + Skew;

    public override long GetTimestamp() => world.Time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        void Fire(object? held)
        {
            if (!IsDead)
                callback(held);
        }

        var timer = new LateTimer(this, world.Time.CreateTimer(Fire, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        _ = timer.Change(dueTime, period);
        return timer;
    }

    private sealed class LateTimer(ProcessClock clock, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) =>
            inner.Change(dueTime < TimeSpan.Zero ? dueTime : dueTime + clock.Late(), period);

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private TimeSpan Late() => lateness == TimeSpan.Zero ? TimeSpan.Zero : chance.UpTo(lateness);
}
