namespace OrleansSagas.Orleans.Client;

/// <summary>A start from inside the cluster. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.door-start"), Immutable]
internal sealed class DoorStart
{
    [Id(0)] public required string Type { get; init; }
    [Id(1)] public int? Version { get; init; }
    [Id(2)] public string? Saga { get; init; }
    [Id(3)] public required byte[] Data { get; init; }
    [Id(4)] public string? CorrelationId { get; init; }
    [Id(5)] public required string RequestId { get; init; }
    [Id(6)] public TimeSpan Wait { get; init; }
}
