namespace OrleansSagas;

/// <summary>One entry of a saga's history.</summary>
public sealed record SagaHistoryEntry
{
    /// <summary>The entry's number in its saga, counted from 1.</summary>
    public required long Revision { get; init; }

    /// <summary>What happened: one of the stable names listed in docs/history.md, such as <c>step-succeeded</c>.</summary>
    public required string Event { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it; null when it was the engine.</summary>
    public string? Actor { get; init; }

    /// <summary>The request that caused it; null when none did.</summary>
    public string? CausationId { get; init; }

    /// <summary>What the entry says, as a JSON object.</summary>
    public required SagaData Body { get; init; }

    /// <summary>The saga's data after it; null where it did not change.</summary>
    public SagaData? Data { get; init; }
}
