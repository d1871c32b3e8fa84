namespace OrleansSagas.Orleans.Client;

/// <summary>A search from inside the cluster. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.door-query"), Immutable]
internal sealed class DoorQuery
{
    [Id(0)] public string? Type { get; init; }
    [Id(1)] public string? Status { get; init; }
    [Id(2)] public string? CorrelationId { get; init; }
    [Id(3)] public Dictionary<string, string> Tags { get; init; } = [];
    [Id(4)] public DateTimeOffset? StartedFrom { get; init; }
    [Id(5)] public DateTimeOffset? StartedBefore { get; init; }
    [Id(6)] public string? After { get; init; }
    [Id(7)] public int Limit { get; init; }
}
