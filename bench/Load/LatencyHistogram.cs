using HdrHistogram;

namespace OrleansSagas.Bench.Load;

/// <summary>Counts durations in constant memory: 128 equal buckets per power of two, so a quantile is within 0.8 %.</summary>
internal sealed class LatencyHistogram
{
    // 18 minutes in nanoseconds; what is longer counts as that.
    private const long Longest = (1L << 40) - 1;

    // A third digit would take an eighth of a megabyte for each unit of concurrency.
    private readonly IntHistogram _counts = new(Longest, numberOfSignificantValueDigits: 2);

    /// <summary>How many durations were counted.</summary>
    public long Count => _counts.TotalCount;

    /// <summary>Counts one duration.</summary>
    public void Record(long nanoseconds) => _counts.RecordValue(Math.Clamp(nanoseconds, 0, Longest));

    /// <summary>Adds what <paramref name="other"/> counted.</summary>
    public void Add(LatencyHistogram other) => _counts.Add(other._counts);

    /// <summary>The duration that <paramref name="quantile"/> (0 to 1) of all do not exceed; zero when none was counted.</summary>
    public TimeSpan Quantile(double quantile) =>
        Count == 0
            ? TimeSpan.Zero
            : TimeSpan.FromMicroseconds(_counts.MedianEquivalentValue(_counts.GetValueAtPercentile(quantile * 100)) / 1000.0);
}
