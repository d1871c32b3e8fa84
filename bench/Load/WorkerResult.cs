namespace OrleansSagas.Bench.Load;

/// <summary>What one unit of concurrency counted.</summary>
internal sealed class WorkerResult
{
    /// <summary>The latencies of expected answers.</summary>
    public LatencyHistogram Latencies { get; } = new();

    /// <summary>How much went wrong.</summary>
    public long Errors { get; private set; }

    /// <summary>What went wrong first; null when nothing did.</summary>
    public string? FirstError { get; private set; }

    /// <summary>Counts an error.</summary>
    public void Fail(string error)
    {
        Errors++;
        FirstError ??= error;
    }
}
