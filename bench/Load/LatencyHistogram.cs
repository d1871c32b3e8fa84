using System.Numerics;

namespace OrleansSagas.Bench.Load;

/// <summary>Counts durations in constant memory: 128 equal buckets per power of two, so a quantile is within 0.8 %.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubBuckets = 1 << SubBits;

    // Up to 2^40 ns, 18 minutes; what is longer counts as that.
    private const int LargestExponent = 40;

    private readonly uint[] _counts = new uint[(LargestExponent - SubBits + 1) * SubBuckets];

    /// <summary>How many durations were counted.</summary>
    public long Count { get; private set; }

    /// <summary>Counts one duration.</summary>
    public void Record(long nanoseconds)
    {
        _counts[IndexOf(nanoseconds)]++;
        Count++;
    }

    /// <summary>Adds what <paramref name="other"/> counted.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
    }

    /// <summary>The duration that <paramref name="quantile"/> (0 to 1) of all do not exceed; zero when none was counted.</summary>
    public TimeSpan Quantile(double quantile)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(quantile * Count));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (_counts[i] > 0 && seen >= rank)
                return TimeSpan.FromMicroseconds(MiddleOf(i) / 1000.0);
        }

        return TimeSpan.Zero;
    }

    private static int IndexOf(long nanoseconds)
    {
        var value = (ulong)Math.Clamp(nanoseconds, 0, (1L << LargestExponent) - 1);
        if (value < SubBuckets)
            return (int)value;
        var exponent = BitOperations.Log2(value);
        var sub = (int)(value >> (exponent - SubBits)) & (SubBuckets - 1);
        return ((exponent - SubBits + 1) * SubBuckets) + sub;
    }

    private static double MiddleOf(int index)
    {
        var group = index / SubBuckets;
        var sub = index % SubBuckets;
        if (group == 0)
            return sub;
        var width = 1UL << (group - 1);
        return ((ulong)(SubBuckets + sub) * width) + (width / 2.0);
    }
}
