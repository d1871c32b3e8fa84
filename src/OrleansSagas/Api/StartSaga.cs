namespace OrleansSagas;

/// <summary>What it takes to start a saga.</summary>
internal sealed record StartSaga
{
    /// <summary>The namespace. Default: <c>default</c>.</summary>
    public string Namespace { get; init; } = SagaKey.DefaultNamespace;

    /// <summary>The saga type.</summary>
    public required string Type { get; init; }

    /// <summary>The version of the definition; null for the newest.</summary>
    public int? Version { get; init; }

    /// <summary>The saga's id; null for a fresh one.</summary>
    public SagaId? Id { get; init; }

    /// <summary>The saga's data: one JSON value in UTF-8. The bytes must not change afterwards.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The id that ties the saga to the business transaction around it, 1 to 128 characters; null for none.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>
    /// What every step gets beside the data, and a grain that a step calls gets in its request context. At most 64, with names of 1 to 128
    /// characters (A-Z a-z 0-9 . _ -), and with the values 8 KiB of UTF-8 at most. They are stored as they are and shown in the saga's
    /// history: no place for secrets. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>The request id (Idempotency-Key), 1 to 255 characters, that makes a repeat harmless; null for none.</summary>
    public string? RequestId { get; init; }

    /// <summary>
    /// In whose name the request id is used, 1 to 256 characters: two callers may use the same one. Default:
    /// <see cref="SagaCallers.Local"/>.
    /// </summary>
    public string Caller { get; init; } = SagaCallers.Local;

    /// <summary>Who asks, at most 256 characters; null when nobody said.</summary>
    public string? Actor { get; init; }

    /// <summary>The W3C trace parent of the request; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>How long to wait for the saga's end before answering; zero for not at all.</summary>
    public TimeSpan Wait { get; init; }
}
