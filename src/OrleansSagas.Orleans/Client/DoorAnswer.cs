namespace OrleansSagas.Orleans.Client;

/// <summary>What became of a request from inside the cluster: a saga, or why not. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.door-answer"), Immutable]
internal sealed class DoorAnswer
{
    /// <summary>The saga in the JSON of the public API; null where the request was refused.</summary>
    [Id(0)] public byte[]? View { get; init; }

    /// <summary>Why it was refused: one of <see cref="SagaProblems"/>.</summary>
    [Id(1)] public string? Problem { get; init; }

    /// <summary>Why, in words.</summary>
    [Id(2)] public string? Detail { get; init; }
}
