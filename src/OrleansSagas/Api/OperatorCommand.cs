namespace OrleansSagas;

/// <summary>What an operator asks of a saga.</summary>
internal sealed record OperatorCommand
{
    /// <summary>The saga.</summary>
    public required SagaKey Saga { get; init; }

    /// <summary>What to do to it.</summary>
    public required OperatorAction Verb { get; init; }

    /// <summary>Who asks, at most 256 characters.</summary>
    public string? Actor { get; init; }

    /// <summary>Why, at most 2,000 characters. Skip and resolve need it.</summary>
    public string? Reason { get; init; }

    /// <summary>The step that retry, skip and resolve act on; null for the one that is stuck.</summary>
    public string? Step { get; init; }

    /// <summary>The request id that makes a repeat harmless, 1 to 255 characters; null for none.</summary>
    public string? RequestId { get; init; }

    /// <summary>
    /// In whose name the request id is used, 1 to 256 characters: two callers may use the same one. Default:
    /// <see cref="SagaCallers.Local"/>.
    /// </summary>
    public string Caller { get; init; } = SagaCallers.Local;

    /// <summary>The request's raw body: with verb and saga it is what a repeated request id must repeat.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The W3C trace parent of the request; null for none.</summary>
    public string? TraceParent { get; init; }
}
