namespace OrleansSagas.Orleans;

/// <summary>How the cluster engine behaves; the same on every silo.</summary>
public sealed class SagaClusterOptions
{
    /// <summary>How many share the watch on the clock, 1 to 64; each has one reminder. Default: 4.</summary>
    public int Partitions { get; set; } = 4;
}
