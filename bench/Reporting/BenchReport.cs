namespace OrleansSagas.Bench.Reporting;

/// <summary>One invocation: what was measured, where, and how it compares.</summary>
internal sealed record BenchReport
{
    /// <summary>When it began.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was asked for.</summary>
    public required BenchOptions Options { get; init; }

    /// <summary>The machine's logical processors.</summary>
    public int Processors { get; init; } = Environment.ProcessorCount;

    /// <summary>The runtime's version.</summary>
    public string Runtime { get; init; } = Environment.Version.ToString();

    /// <summary>The median time to append 4 KiB and sync, in microseconds, without the added delay.</summary>
    public required double DiskSyncMicros { get; init; }

    /// <summary>One result for each thing measured, in the order of measuring.</summary>
    public required IReadOnlyList<RunResult> Runs { get; init; }

    /// <summary>How the engine compares with each of the others.</summary>
    public required IReadOnlyList<Comparison> Comparisons { get; init; }
}
