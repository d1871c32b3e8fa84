namespace OrleansSagas.Orleans.Messages;

/// <summary>What a start adds to a call. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.start"), Immutable]
internal sealed class StartMessage
{
    [Id(0)]
    public required string Namespace { get; init; }

    [Id(1)]
    public required string Saga { get; init; }

    [Id(2)]
    public required byte[] Data { get; init; }

    [Id(3)]
    public required string ContentType { get; init; }

    [Id(4)]
    public required string Codec { get; init; }

    [Id(5)]
    public string? CorrelationId { get; init; }

    [Id(6)]
    public string? ParentId { get; init; }

    [Id(7)]
    public required string Type { get; init; }

    [Id(8)]
    public required int Version { get; init; }

    [Id(9)]
    public required string Fingerprint { get; init; }

    [Id(10)]
    public string? KeyId { get; init; }

    [Id(11)]
    public string? RootId { get; init; }

    [Id(12)]
    public KeyValuePair<string, string>[] Headers { get; init; } = [];
}
