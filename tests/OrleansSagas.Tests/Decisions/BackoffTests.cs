using OrleansSagas.Decisions;
using OrleansSagas.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class BackoffTests
{
    private static readonly StepPath Charge = StepPath.Root("charge");

    [Fact]
    public void PauseAfter_GrowsWithTheAttemptsUpToTheMaximum()
    {
        var policy = new RetryPolicy
        {
            Delay = TimeSpan.FromSeconds(1),
            Factor = 2,
            MaxDelay = TimeSpan.FromSeconds(5),
        };

        foreach (var (attempt, longest) in new[] { (1, 1.0), (2, 2.0), (3, 4.0), (4, 5.0), (50, 5.0) })
        {
            var pauses = Sample(policy, attempt);
            Assert.All(pauses, pause => Assert.InRange(pause, TimeSpan.Zero, TimeSpan.FromSeconds(longest)));
            Assert.InRange(pauses.Max().TotalSeconds, longest * 0.95, longest);
            Assert.InRange(pauses.Min().TotalSeconds, 0, longest * 0.05);
            Assert.InRange(pauses.Average(pause => pause.TotalSeconds), longest * 0.45, longest * 0.55);
        }
    }

    [Fact]
    public void PauseAfter_IsWholeMilliseconds() =>
        Assert.All(
            Sample(new RetryPolicy { Delay = TimeSpan.FromTicks(123_456_789) }, 1),
            pause => Assert.Equal(0, pause.Ticks % TimeSpan.TicksPerMillisecond)
        );

    [Fact]
    public void PauseAfter_IsTheSameForTheSameAttempt_AndDiffersForOthers()
    {
        var policy = new RetryPolicy { Delay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1) };
        var pause = Backoff.PauseAfter(policy, 1, Story.Key, Charge, 1);

        Assert.Equal(pause, Backoff.PauseAfter(policy, 1, Story.Key, Charge, 1));
        TimeSpan[] others =
        [
            Backoff.PauseAfter(policy, 2, Story.Key, Charge, 1),
            Backoff.PauseAfter(policy, 1, Story.Key, Charge, 2),
            Backoff.PauseAfter(policy, 1, Story.Key, StepPath.Root("charga"), 1),
            Backoff.PauseAfter(policy, 1, new SagaKey(new SagaId("s-2")), Charge, 1),
            Backoff.PauseAfter(policy, 1, new SagaKey("other", new SagaId("s-1")), Charge, 1),
        ];
        Assert.DoesNotContain(pause, others);
    }

    [Fact]
    public void PauseAfter_StaysWhatItIs()
    {
        // A stored history is never computed again, but a pause that moved would hide a change of the hash.
        var policy = new RetryPolicy { Delay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1) };

        Assert.Equal(PinnedMilliseconds, Backoff.PauseAfter(policy, 1, Story.Key, Charge, 1).TotalMilliseconds);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public void PauseAfter_WhenThereIsNoDelay_IsZeroHoweverManyAttempts(double factor)
    {
        var policy = new RetryPolicy
        {
            Delay = TimeSpan.Zero,
            Factor = factor,
            MaxAttempts = null,
        };

        Assert.All(
            new[] { 1, 2, 156, 1_025, 2_000, int.MaxValue },
            attempt => Assert.Equal(TimeSpan.Zero, Backoff.PauseAfter(policy, attempt, Story.Key, Charge, 1))
        );
    }

    [Fact]
    public void PauseAfter_WhenTheGrowthOverflows_StaysBelowTheMaximum()
    {
        var policy = new RetryPolicy
        {
            Delay = TimeSpan.FromDays(365),
            Factor = 100,
            MaxDelay = TimeSpan.FromDays(365),
        };

        Assert.All(Sample(policy, int.MaxValue), pause => Assert.InRange(pause, TimeSpan.Zero, TimeSpan.FromDays(365)));
    }

    private const double PinnedMilliseconds = 3_558_215;

    private static TimeSpan[] Sample(RetryPolicy policy, int attempt) =>
        [
            .. Enumerable
                .Range(0, 2_000)
                .Select(saga => Backoff.PauseAfter(policy, attempt, new SagaKey(new SagaId($"s-{saga}")), Charge, 1)),
        ];
}
