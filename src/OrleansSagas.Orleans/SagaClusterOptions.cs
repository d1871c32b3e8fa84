namespace OrleansSagas.Orleans;

/// <summary>How the cluster engine behaves; the same on every silo.</summary>
public sealed class SagaClusterOptions
{
    /// <summary>How many share the watch on the clock, 1 to 64; each has one reminder. Default: 4.</summary>
    public int Partitions { get; set; } = 4;

    /// <exception cref="InvalidOperationException">A setting is out of its range; the message names it.</exception>
    internal void Check()
    {
        if (Partitions is < 1 or > 64)
            throw new InvalidOperationException(
                $"The setting {nameof(SagaClusterOptions)}.{nameof(Partitions)} is out of its range: it must be 1 to 64."
            );
    }
}
