namespace OrleansSagas;

/// <summary>A saga as a list shows it.</summary>
public sealed record SagaSummary
{
    /// <summary>The saga's id.</summary>
    public required SagaId Id { get; init; }

    /// <summary>The saga's type.</summary>
    public required string Type { get; init; }

    /// <summary>The version of its definition.</summary>
    public required int Version { get; init; }

    /// <summary>Where the saga stands.</summary>
    public required SagaStatus Status { get; init; }

    /// <summary>Why the saga stopped going forward; null while it goes forward.</summary>
    public SagaEndReason? Reason { get; init; }

    /// <summary>The correlation id; null when none was given.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>What the saga can be searched by.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>When the saga was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the saga ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
