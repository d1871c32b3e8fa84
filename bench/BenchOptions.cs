using System.Text.Json.Serialization;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench;

/// <summary>What is measured, and how. Its defaults are the command line's.</summary>
internal sealed record BenchOptions
{
    /// <summary>What is measured where nothing else is said.</summary>
    public static BenchOptions Default { get; } = new();

    /// <summary>The store's kind.</summary>
    public StoreKind Store { get; init; } = StoreKind.Sqlite;

    /// <summary>The PostgreSQL server to use; null for a throwaway. It may hold a password.</summary>
    [JsonIgnore]
    public string? Server { get; init; }

    /// <summary>How many silos share the load.</summary>
    public int Silos { get; init; } = 1;

    /// <summary>How the load comes.</summary>
    public Transport Transport { get; init; } = Transport.Http;

    /// <summary>How many sagas are under way at a time.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>How long is measured, in seconds.</summary>
    public double Seconds { get; init; } = 20;

    /// <summary>How long the load runs before that, in seconds.</summary>
    public double Warmup { get; init; } = 5;

    /// <summary>How the sagas end.</summary>
    public Variant Variant { get; init; } = Variant.Ok;

    /// <summary>What is measured, in this order.</summary>
    public IReadOnlyList<WorkloadKind> Workloads { get; init; } = [WorkloadKind.Engine];

    /// <summary>How often all of them are measured.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>What is added to each transaction's sync.</summary>
    public TimeSpan SyncDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How many steps each saga has.</summary>
    public int Steps { get; init; } = BenchSaga.Steps;

    /// <summary>The size of each saga's data, in bytes of JSON; 0 for the smallest order.</summary>
    public int OrderBytes { get; init; }

    /// <summary>Whether the silo has the server's garbage collector.</summary>
    public bool ServerCollector { get; init; } = true;

    /// <summary>Where the stores are made, each in a directory of its own that is removed afterwards.</summary>
    public string DataDirectory { get; init; } = Path.Combine("artifacts", "bench");
}
