using Microsoft.Extensions.Time.Testing;

namespace OrleansSagas.Tests.Shop;

/// <summary>A clock that stands still until it is told to move, and says how many wait for it.</summary>
internal sealed class ManualTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Lock _lock = new();
    private readonly HashSet<CountedTimer> _running = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, period);
        var timer = new CountedTimer(this);
        timer.Inner = base.CreateTimer(held => timer.Fire(callback, held), state, Timeout.InfiniteTimeSpan, period);
        _ = timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until exactly so many timers are running.</summary>
    internal async Task WaitForTimersAsync(int count)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_running.Count == count)
                    return;
                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"Waited {Patience} for {count} timers to run.");
            }
        }
    }

    private void Count(CountedTimer timer, bool running)
    {
        lock (_lock)
        {
            _ = running ? _running.Add(timer) : _running.Remove(timer);
            _changed.SetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class CountedTimer(ManualTime time) : ITimer
    {
        internal ITimer Inner { get; set; } = null!;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // One that is due by now fires in here: outside the lock, and it does not count.
            if (dueTime <= TimeSpan.Zero)
            {
                time.Count(this, running: false);
                return Inner.Change(dueTime, period);
            }

            // Set before it counts, because who waited for it may move the clock at once.
            lock (time._lock)
            {
                var changed = Inner.Change(dueTime, period);
                time.Count(this, running: true);
                return changed;
            }
        }

        public void Dispose()
        {
            Inner.Dispose();
            time.Count(this, running: false);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Fire(TimerCallback callback, object? state)
        {
            time.Count(this, running: false);
            callback(state);
        }
    }
}
