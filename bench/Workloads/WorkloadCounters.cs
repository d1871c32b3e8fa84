namespace OrleansSagas.Bench.Workloads;

/// <summary>What a workload has counted since it began.</summary>
/// <param name="Commits">Writes that were each awaited.</param>
/// <param name="Transactions">Transactions that carried them to the disk.</param>
internal sealed record WorkloadCounters(long Commits, long Transactions)
{
    /// <summary>What was counted here and there.</summary>
    public WorkloadCounters With(WorkloadCounters other) => new(Commits + other.Commits, Transactions + other.Transactions);

    /// <summary>What was counted between <paramref name="before"/> and this.</summary>
    public WorkloadCounters Since(WorkloadCounters before) => new(Commits - before.Commits, Transactions - before.Transactions);
}
