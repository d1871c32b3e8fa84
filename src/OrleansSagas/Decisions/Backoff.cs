using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>The pause before the next attempt. The jitter is a hash of what is tried, so that a decision is a pure function.</summary>
internal static class Backoff
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    public static TimeSpan PauseAfter(RetryPolicy policy, int attempt, SagaKey saga, StepPath path, int run)
    {
        if (policy.Delay == TimeSpan.Zero)
            return TimeSpan.Zero; // Zero times a factor that grew to infinity is no number.
        var longest = Math.Min(
            policy.MaxDelay.TotalMilliseconds,
            policy.Delay.TotalMilliseconds * Math.Pow(policy.Factor, Math.Max(0, attempt - 1))
        );
        return Math.Floor(longest * Fraction(saga, path, run, attempt)) * Millisecond;
    }

    /// <summary>A stable number in [0, 1): FNV-1a over the names, finished so that neighbours differ in the high bits.</summary>
    private static double Fraction(SagaKey saga, StepPath path, int run, int attempt)
    {
        var hash = 14695981039346656037UL;
        Add(ref hash, saga.Namespace);
        Add(ref hash, saga.Id.Value);
        Add(ref hash, path.Value);
        hash = (hash ^ (uint)run) * 1099511628211UL;
        hash = (hash ^ (uint)attempt) * 1099511628211UL;
        hash ^= hash >> 32;
        hash *= 0xd6e8feb86659fd93UL;
        hash ^= hash >> 32;
        hash *= 0xd6e8feb86659fd93UL;
        hash ^= hash >> 32;
        return (hash >> 11) / (double)(1UL << 53);
    }

    private static void Add(ref ulong hash, string text)
    {
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        hash = (hash ^ 0xFF) * 1099511628211UL;
    }
}
