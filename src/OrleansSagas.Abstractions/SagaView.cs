namespace OrleansSagas;

/// <summary>A saga as its callers, operators and watchers see it.</summary>
public sealed record SagaView
{
    /// <summary>The saga's id.</summary>
    public required SagaId Id { get; init; }

    /// <summary>The saga's type, such as <c>order</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The version of the definition that the saga started with and keeps.</summary>
    public required int Version { get; init; }

    /// <summary>Where the saga stands.</summary>
    public required SagaStatus Status { get; init; }

    /// <summary>Why the saga stopped going forward; null while it goes forward, and for a completed one.</summary>
    public SagaEndReason? Reason { get; init; }

    /// <summary>What made the saga stop going forward, or what makes it stuck; null when nothing did.</summary>
    public SagaError? Error { get; init; }

    /// <summary>The saga's data as it is now; null when it is not JSON.</summary>
    public SagaData? Data { get; init; }

    /// <summary>Every step of the definition, in its order.</summary>
    public IReadOnlyList<StepView> Steps { get; init; } = [];

    /// <summary>What the saga can be searched by: at most 16 names with their values.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The id that ties this saga to the business transaction around it.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The number of the last entry in the saga's history, counted from 1.</summary>
    public required long Revision { get; init; }

    /// <summary>When the saga was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the saga last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the saga ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When the saga stops going forward if it has not ended by then; null for never.</summary>
    public DateTimeOffset? Deadline { get; init; }
}
