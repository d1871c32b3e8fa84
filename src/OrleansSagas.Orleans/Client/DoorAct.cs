namespace OrleansSagas.Orleans.Client;

/// <summary>An operator's verb from inside the cluster. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.door-act"), Immutable]
internal sealed class DoorAct
{
    [Id(0)] public required string Saga { get; init; }
    [Id(1)] public required string Verb { get; init; }
    [Id(2)] public string? Actor { get; init; }
    [Id(3)] public string? Reason { get; init; }
    [Id(4)] public string? Step { get; init; }
    [Id(5)] public required string RequestId { get; init; }
}
