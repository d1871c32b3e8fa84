namespace OrleansSagas.Bench.Load;

/// <summary>What one closed-loop run came to.</summary>
internal sealed record LoadResult
{
    /// <summary>Answers that were as expected.</summary>
    public required long Completed { get; init; }

    /// <summary>Answers that were not, and connections that broke.</summary>
    public required long Errors { get; init; }

    /// <summary>What the first error was; null when there was none.</summary>
    public string? FirstError { get; init; }

    /// <summary>From the first request to the last answer, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Expected answers per second.</summary>
    public double PerSecond => Seconds > 0 ? Completed / Seconds : 0;

    /// <summary>The median latency, in microseconds.</summary>
    public required double P50Micros { get; init; }

    /// <summary>The 95th percentile of the latency, in microseconds.</summary>
    public required double P95Micros { get; init; }

    /// <summary>The 99th percentile of the latency, in microseconds.</summary>
    public required double P99Micros { get; init; }

    /// <summary>Puts the figures of several workers together.</summary>
    public static LoadResult Merge(IEnumerable<WorkerResult> workers, TimeSpan elapsed)
    {
        var all = new LatencyHistogram();
        long errors = 0;
        string? first = null;
        foreach (var worker in workers)
        {
            all.Add(worker.Latencies);
            errors += worker.Errors;
            first ??= worker.FirstError;
        }

        return new LoadResult
        {
            Completed = all.Count,
            Errors = errors,
            FirstError = first,
            Seconds = elapsed.TotalSeconds,
            P50Micros = all.Quantile(0.50).TotalMicroseconds,
            P95Micros = all.Quantile(0.95).TotalMicroseconds,
            P99Micros = all.Quantile(0.99).TotalMicroseconds,
        };
    }
}
