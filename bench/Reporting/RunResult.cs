using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Reporting;

/// <summary>
/// What one workload came to in the measured window. Nothing was under way at either end of it, so what is counted per saga is exact.
/// </summary>
internal sealed record RunResult
{
    /// <summary>What was measured.</summary>
    public required WorkloadKind Workload { get; init; }

    /// <summary>What the load came to.</summary>
    public required LoadResult Load { get; init; }

    /// <summary>What the silo used.</summary>
    public required ProcessUsage Silo { get; init; }

    /// <summary>What the database's server used; null where there is none of the run's own.</summary>
    public ProcessUsage? Server { get; init; }

    /// <summary>What the generator used; null in process.</summary>
    public required ProcessUsage? Generator { get; init; }

    /// <summary>
    /// Processor time of everything else on the machine, in seconds, with the kernel's own; null where the system does not say.
    /// </summary>
    public required double? OtherCpuSeconds { get; init; }

    /// <summary>Commits and transactions.</summary>
    public required WorkloadCounters Counters { get; init; }

    /// <summary>What the store gained.</summary>
    public required StoreContents Store { get; init; }

    /// <summary>How many commits shared a transaction; null where there was none.</summary>
    public double? CommitsPerTransaction => Counters.Transactions > 0 ? (double)Counters.Commits / Counters.Transactions : null;

    /// <summary>Commits per saga.</summary>
    public double CommitsPerSaga => PerSaga(Counters.Commits);

    /// <summary>Rows stored per saga.</summary>
    public double RowsPerSaga => PerSaga(Store.Rows);

    /// <summary>Bytes by which the store grew per saga.</summary>
    public double StoredBytesPerSaga => PerSaga(Store.Bytes);

    /// <summary>Bytes handed to the disk per saga; null where the system does not say.</summary>
    public double? WrittenBytesPerSaga => Silo.WrittenBytes is { } written ? PerSaga(written + (Server?.WrittenBytes ?? 0)) : null;

    /// <summary>Bytes that the silo allocated per saga.</summary>
    public double AllocatedBytesPerSaga => PerSaga(Silo.AllocatedBytes);

    /// <summary>Processor time of the silo per saga, in microseconds.</summary>
    public double SiloCpuMicrosPerSaga => PerSaga(Silo.CpuSeconds * 1e6);

    /// <summary>Processor time of the database's server per saga, in microseconds; null where there is none of the run's own.</summary>
    public double? ServerCpuMicrosPerSaga => Server is null ? null : PerSaga(Server.CpuSeconds * 1e6);

    private double PerSaga(double total) => Load.Completed > 0 ? total / Load.Completed : 0;
}
