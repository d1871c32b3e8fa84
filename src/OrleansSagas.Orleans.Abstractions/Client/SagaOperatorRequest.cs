namespace OrleansSagas.Orleans.Client;

/// <summary>An operator's verb on its way to a silo. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.client-act"), Immutable]
public sealed class SagaOperatorRequest
{
    /// <summary>The saga's id.</summary>
    [Id(0)]
    public required string Saga { get; init; }

    /// <summary>The name of a <see cref="OperatorAction"/>.</summary>
    [Id(1)]
    public required string Verb { get; init; }

    /// <summary>Who asks; null when nobody said.</summary>
    [Id(2)]
    public string? Actor { get; init; }

    /// <summary>Why.</summary>
    [Id(3)]
    public string? Reason { get; init; }

    /// <summary>The step's path; null for the one that needs it.</summary>
    [Id(4)]
    public string? Step { get; init; }

    /// <summary>Makes a repeat harmless, 1 to 255 characters.</summary>
    [Id(5)]
    public required string RequestId { get; init; }
}
