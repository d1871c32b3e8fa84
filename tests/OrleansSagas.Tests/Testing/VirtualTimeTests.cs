using OrleansSagas.Testing;

namespace OrleansSagas.Tests.Testing;

public sealed class VirtualTimeTests
{
    private readonly VirtualTime _time = new();
    private readonly List<string> _fired = [];

    private ITimer Timer(string name, double seconds, double? period = null) =>
        _time.CreateTimer(
            _ => _fired.Add($"{name} {_time.GetElapsedTime(0).TotalSeconds}"),
            null,
            TimeSpan.FromSeconds(seconds),
            period is { } every ? TimeSpan.FromSeconds(every) : Timeout.InfiniteTimeSpan
        );

    private void Move(double seconds)
    {
        var until = _time.GetElapsedTime(0) + TimeSpan.FromSeconds(seconds);
        while (_time.MoveToNextTimer(until - _time.GetElapsedTime(0))) { }
    }

    [Fact]
    public void Timers_WhenTheClockMoves_FireInTheOrderOfTheirTimesAndThenOfTheirSetting()
    {
        Timer("late", 3);
        Timer("first", 1);
        Timer("second", 1);
        Timer("after", 10);

        Move(5);

        Assert.Equal(["first 1", "second 1", "late 3"], _fired);
        Assert.Equal(TimeSpan.FromSeconds(5), _time.UntilNextTimer);
    }

    [Fact]
    public void Timer_WhenItHasAPeriod_FiresAgainUntilItIsDisposed()
    {
        var timer = Timer("tick", 1, period: 2);
        Move(6);
        timer.Dispose();
        Move(6);

        Assert.Equal(["tick 1", "tick 3", "tick 5"], _fired);
        Assert.Null(_time.UntilNextTimer);
    }

    [Fact]
    public void Timer_WhenItIsChanged_FiresOnlyAsItIsSetNow()
    {
        var timer = Timer("tick", 1);
        timer.Change(TimeSpan.FromSeconds(4), Timeout.InfiniteTimeSpan);
        Move(10);

        Assert.Equal(["tick 4"], _fired);
    }

    [Fact]
    public void Jump_WhenTheClockIsSetBack_DoesNotTouchWhatIsMeasured()
    {
        Timer("tick", 60);
        _time.Jump(TimeSpan.FromDays(-1));
        Move(60);

        Assert.Equal(["tick 60"], _fired);
        Assert.Equal(new DateTimeOffset(2025, 12, 31, 0, 1, 0, TimeSpan.Zero), _time.GetUtcNow());
    }
}
