namespace OrleansSagas;

/// <summary>Which sagas to list; every condition that is given must hold.</summary>
public sealed record SagaFilter
{
    /// <summary>The saga type. Default: any.</summary>
    public string? Type { get; init; }

    /// <summary>The status. Default: any.</summary>
    public SagaStatus? Status { get; init; }

    /// <summary>The correlation id. Default: any.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Tags that the saga must carry now, names with their values. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Started at or after. Default: no bound.</summary>
    public DateTimeOffset? StartedFrom { get; init; }

    /// <summary>Started before. Default: no bound.</summary>
    public DateTimeOffset? StartedBefore { get; init; }

    /// <summary>How many are fetched with one call, 1 to 1,000; it does not limit the listing. Default: 100.</summary>
    public int PageSize { get; init; } = 100;
}
