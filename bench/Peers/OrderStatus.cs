namespace OrleansSagas.Bench.Peers;

/// <summary>The states of the measured saga, in the benchmark's words.</summary>
public static class OrderStatus
{
    /// <summary>Its steps are being done.</summary>
    public const string Running = nameof(Running);

    /// <summary>All four steps are done.</summary>
    public const string Completed = nameof(Completed);

    /// <summary>The fourth step was rejected; the three before are being undone.</summary>
    public const string Compensating = nameof(Compensating);

    /// <summary>The three are undone.</summary>
    public const string Compensated = nameof(Compensated);
}
