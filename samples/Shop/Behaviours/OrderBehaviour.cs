namespace OrleansSagas.Shop.Behaviours;

/// <summary>Reads what an order asks to go wrong.</summary>
internal static class OrderBehaviour
{
    private const int MostTimes = 1_000_000;
    private const double MostSeconds = 3600;

    internal static StepBehaviour? Of(Order order, string name) =>
        order.Behaviour is { } all && all.TryGetValue(name, out var behaviour) ? behaviour : null;

    /// <summary>Why the order's behaviours make no sense; null where they do.</summary>
    internal static string? Problem(Order order) =>
        order.Behaviour?.Select(one => Problem(one.Key, one.Value)).FirstOrDefault(problem => problem is not null);

    /// <summary>What attempt number <paramref name="attempt"/>, counted from 1, is to do wrong.</summary>
    internal static Disturbance Disturbance(StepBehaviour behaviour, long attempt)
    {
        var slow = Seconds(behaviour.SlowSeconds);
        if (behaviour.FailAlways)
            return new(slow, FaultKind.Fail, TimeSpan.Zero);
        if (attempt <= behaviour.FailTimes)
            return new(slow, FaultKind.Fail, TimeSpan.Zero);
        attempt -= behaviour.FailTimes;
        if (attempt <= behaviour.LoseAnswerTimes)
            return new(slow, FaultKind.LoseAnswer, TimeSpan.Zero);
        attempt -= behaviour.LoseAnswerTimes;
        if (attempt <= behaviour.HangTimes)
            return new(slow, FaultKind.Hang, TimeSpan.Zero);
        attempt -= behaviour.HangTimes;
        var late = behaviour.LateTimes is not { } times || attempt <= times;
        return new(slow, FaultKind.None, late ? Seconds(behaviour.LateSeconds) : TimeSpan.Zero);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, MostSeconds));

    private static string? Problem(string name, StepBehaviour? behaviour)
    {
        var undo = name.StartsWith(OrderSteps.UndoPrefix, StringComparison.Ordinal);
        var step = undo ? name[OrderSteps.UndoPrefix.Length..] : name;
        if (!OrderSteps.All.Contains(step, StringComparer.Ordinal))
            return $"The behaviour '{name}' names no step: use {string.Join(", ", OrderSteps.All)}, each also with "
                + $"'{OrderSteps.UndoPrefix}' before it.";
        if (behaviour is null)
            return $"The behaviour '{name}' is null: leave it out.";
        if (undo && behaviour.Decline)
            return $"The behaviour '{name}' declines: an undo may fail but not decline; use failAlways.";
        int[] times = [behaviour.FailTimes, behaviour.LoseAnswerTimes, behaviour.HangTimes, behaviour.LateTimes ?? 0];
        if (times.Any(count => count is < 0 or > MostTimes))
            return $"The behaviour '{name}' has a count that is not between 0 and {MostTimes}.";
        double[] seconds = [behaviour.LateSeconds, behaviour.SlowSeconds];
        return seconds.Any(length => length is not (>= 0 and <= MostSeconds))
            ? $"The behaviour '{name}' has seconds that are not between 0 and {MostSeconds}."
            : null;
    }
}
