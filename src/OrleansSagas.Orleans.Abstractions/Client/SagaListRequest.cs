namespace OrleansSagas.Orleans.Client;

/// <summary>A search on its way to a silo; every condition that is given must hold. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.client-list"), Immutable]
public sealed class SagaListRequest
{
    /// <summary>The saga type; null for any.</summary>
    [Id(0)]
    public string? Type { get; init; }

    /// <summary>The name of a <see cref="SagaStatus"/>; null for any.</summary>
    [Id(1)]
    public string? Status { get; init; }

    /// <summary>The correlation id; null for any.</summary>
    [Id(2)]
    public string? CorrelationId { get; init; }

    /// <summary>Tags that the saga must carry.</summary>
    [Id(3)]
    public Dictionary<string, string> Tags { get; init; } = [];

    /// <summary>Started at or after; null for no bound.</summary>
    [Id(4)]
    public DateTimeOffset? StartedFrom { get; init; }

    /// <summary>Started before; null for no bound.</summary>
    [Id(5)]
    public DateTimeOffset? StartedBefore { get; init; }

    /// <summary><see cref="SagaPage.Next"/> of the page before; null for the first page.</summary>
    [Id(6)]
    public string? After { get; init; }

    /// <summary>How many at most, 1 to 1,000.</summary>
    [Id(7)]
    public int Limit { get; init; } = 100;
}
