using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Measuring;

namespace OrleansSagas.Bench.Growth;

/// <summary>What a silo came to over a store with so many sagas that wait.</summary>
internal sealed record WaitingResult
{
    /// <summary>How they got there.</summary>
    public required LoadResult Filled { get; init; }

    /// <summary>What the store holds of them.</summary>
    public required StoreContents Store { get; init; }

    /// <summary>From the start of the silo's process until it answers.</summary>
    public required TimeSpan Ready { get; init; }

    /// <summary>The silo's memory after its start, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Its look for sagas to wake up.</summary>
    public required WakeUpScan Scan { get; init; }

    /// <summary>What each list took over HTTP.</summary>
    public required IReadOnlyList<Listing> Lists { get; init; }

    /// <summary>New orders beside them, one at a time.</summary>
    public required LoadResult Orders { get; init; }
}
