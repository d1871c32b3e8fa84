using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Silo;

/// <summary>What the silo process is started with, as one line of JSON.</summary>
internal sealed record SiloOptions
{
    /// <summary>What it runs.</summary>
    public required WorkloadKind Workload { get; init; }

    /// <summary>Where its sagas are kept.</summary>
    public required StoreKind Store { get; init; }

    /// <summary>How its sagas end.</summary>
    public required Variant Variant { get; init; }

    /// <summary>Whether it listens, or makes the load itself.</summary>
    public required Transport Transport { get; init; }

    /// <summary>The name by which it finds the other silos of its cluster, where there are some.</summary>
    public required string Cluster { get; init; }

    /// <summary>Where it keeps its files; exists.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>What is added to each transaction's sync.</summary>
    public required TimeSpan SyncDelay { get; init; }

    /// <summary>The size of each saga's data, in bytes of JSON.</summary>
    public required int OrderBytes { get; init; }

    /// <summary>How many steps its sagas have.</summary>
    public required int Steps { get; init; }

    /// <summary>One silo with the engine, as <paramref name="options"/> say.</summary>
    public static SiloOptions Of(BenchOptions options, string dataDirectory) =>
        new()
        {
            Workload = WorkloadKind.Engine,
            Store = options.Store,
            Variant = options.Variant,
            Transport = options.Transport,
            Cluster = "",
            DataDirectory = dataDirectory,
            SyncDelay = options.SyncDelay,
            OrderBytes = options.OrderBytes,
            Steps = options.Steps,
        };
}
