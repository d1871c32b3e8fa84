using System.Text.Json.Serialization;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench;

/// <summary>What is measured, and how.</summary>
internal sealed record BenchOptions
{
    /// <summary>The store's kind.</summary>
    public required StoreKind Store { get; init; }

    /// <summary>The PostgreSQL server to use; null for a throwaway. It may hold a password.</summary>
    [JsonIgnore]
    public string? Server { get; init; }

    /// <summary>How many silos share the load.</summary>
    public required int Silos { get; init; }

    /// <summary>How the load comes.</summary>
    public required Transport Transport { get; init; }

    /// <summary>How many sagas are under way at a time.</summary>
    public required int Concurrency { get; init; }

    /// <summary>How long is measured, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>How long the load runs before that, in seconds.</summary>
    public required double Warmup { get; init; }

    /// <summary>How the sagas end.</summary>
    public required Variant Variant { get; init; }

    /// <summary>What is measured, in this order.</summary>
    public required IReadOnlyList<WorkloadKind> Workloads { get; init; }

    /// <summary>What is added to each transaction's sync.</summary>
    public required TimeSpan SyncDelay { get; init; }

    /// <summary>How many steps each saga has.</summary>
    public required int Steps { get; init; }

    /// <summary>The size of each saga's data, in bytes of JSON.</summary>
    public required int OrderBytes { get; init; }

    /// <summary>Whether the silo has the server's garbage collector.</summary>
    public required bool ServerCollector { get; init; }

    /// <summary>Where the stores are made, each in a directory of its own that is removed afterwards.</summary>
    public required string DataDirectory { get; init; }
}
