namespace OrleansSagas.Bench.Workloads;

/// <summary>What a workload is made of.</summary>
/// <param name="Variant">How its sagas end.</param>
/// <param name="DataDirectory">Where it keeps its files; exists.</param>
/// <param name="SyncDelay">What is added to each transaction's sync.</param>
/// <param name="Order">The data of every saga, JSON.</param>
internal sealed record WorkloadSetup(Variant Variant, string DataDirectory, TimeSpan SyncDelay, ReadOnlyMemory<byte> Order)
{
    /// <summary>The schema that a workload makes in a PostgreSQL database.</summary>
    public const string PostgresSchema = "sagas_bench";

    /// <summary>How to reach the PostgreSQL database; null for SQLite.</summary>
    public string? Postgres { get; init; }

    /// <summary>The name by which the silos of a cluster find each other.</summary>
    public string Cluster { get; init; } = "bench";

    /// <summary>The SQLite file, for workloads that have one.</summary>
    public string DatabaseFile => Path.Combine(DataDirectory, "bench.db");

    /// <summary>How many steps the sagas of <see cref="Variant.Ok"/> have.</summary>
    public int Steps { get; init; } = BenchSaga.Steps;
}
