using OrleansSagas.Plans;

namespace OrleansSagas;

/// <summary>What is said of a saga once, when it starts, and never changes.</summary>
internal sealed record SagaIdentity
{
    /// <summary>The saga type.</summary>
    public required string Type { get; init; }

    /// <summary>The version of the definition.</summary>
    public required int Version { get; init; }

    /// <summary>The fingerprint of the definition's shape.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>When the saga was started, to the millisecond.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The correlation id; null when none was given.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The id of the saga that started this one; null when none did.</summary>
    public SagaId? ParentId { get; init; }

    /// <summary>The id of the saga at the root of the tree that this one belongs to; null where it is the root itself.</summary>
    public SagaId? RootId { get; init; }

    /// <summary>The definition that the saga keeps.</summary>
    internal PlanIdentity Plan => new(Type, Version, Fingerprint);
}
