namespace OrleansSagas.Orleans.Client;

/// <summary>A start on its way to a silo. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.client-start"), Immutable]
public sealed class SagaStartRequest
{
    /// <summary>The saga type.</summary>
    [Id(0)]
    public required string Type { get; init; }

    /// <summary>The version of the definition; null for the newest.</summary>
    [Id(1)]
    public int? Version { get; init; }

    /// <summary>The saga's id; null for a fresh one.</summary>
    [Id(2)]
    public string? Saga { get; init; }

    /// <summary>The saga's data: one JSON value in UTF-8.</summary>
    [Id(3)]
    public required byte[] Data { get; init; }

    /// <summary>The id that ties the saga to the business transaction around it; null for none.</summary>
    [Id(4)]
    public string? CorrelationId { get; init; }

    /// <summary>Makes a repeat harmless, 1 to 255 characters.</summary>
    [Id(5)]
    public required string RequestId { get; init; }

    /// <summary>How long to wait for the saga's end before answering; zero for not at all.</summary>
    [Id(6)]
    public TimeSpan Wait { get; init; }

    /// <summary>What every step gets beside the data.</summary>
    [Id(7)]
    public KeyValuePair<string, string>[] Headers { get; init; } = [];
}
