namespace OrleansSagas.Storage;

/// <summary>What to look for; every condition that is given must hold.</summary>
internal sealed record SagaQuery
{
    /// <summary>The namespace. Default: <c>default</c>.</summary>
    public string Namespace { get; init; } = SagaKey.DefaultNamespace;

    /// <summary>The saga type; null for any.</summary>
    public string? Type { get; init; }

    /// <summary>The status; null for any.</summary>
    public SagaStatus? Status { get; init; }

    /// <summary>The correlation id; null for any.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Tags that the saga must carry now.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Started at or after; null for no bound.</summary>
    public DateTimeOffset? StartedFrom { get; init; }

    /// <summary>Started before; null for no bound.</summary>
    public DateTimeOffset? StartedBefore { get; init; }

    /// <summary>Go on after this <see cref="StoredPage.Next"/>; null for the first page.</summary>
    public string? After { get; init; }

    /// <summary>How many, 1 to 1,000. Default: 50.</summary>
    public int Limit { get; init; } = 50;
}
