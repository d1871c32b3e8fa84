namespace OrleansSagas;

/// <summary>What callers are called that have no name of their own.</summary>
public static class SagaCallers
{
    /// <summary>Whoever reaches this process without a name: a caller on its own machine, or code of its own.</summary>
    public const string Local = "local";

    /// <summary>A grain or a client of the cluster.</summary>
    public const string Cluster = "cluster";
}
