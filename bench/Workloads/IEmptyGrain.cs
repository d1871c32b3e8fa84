namespace OrleansSagas.Bench.Workloads;

/// <summary>A grain that does nothing.</summary>
internal interface IEmptyGrain : IGrainWithStringKey
{
    /// <summary>Does nothing, and lets the grain go.</summary>
    ValueTask CallAsync();
}
