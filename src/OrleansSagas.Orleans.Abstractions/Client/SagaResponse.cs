namespace OrleansSagas.Orleans.Client;

/// <summary>What became of a request: what was asked for, or why not. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.client-response"), Immutable]
public sealed class SagaResponse
{
    /// <summary>What was asked for, in the JSON of the public API; null where it was refused.</summary>
    [Id(0)]
    public byte[]? Content { get; init; }

    /// <summary>Why it was refused: one of <see cref="SagaProblems"/>; null where it was not.</summary>
    [Id(1)]
    public string? Problem { get; init; }

    /// <summary>Why, in words.</summary>
    [Id(2)]
    public string? Detail { get; init; }

    /// <summary>Whether the history ends with this stretch.</summary>
    [Id(3)]
    public bool IsLast { get; init; }
}
