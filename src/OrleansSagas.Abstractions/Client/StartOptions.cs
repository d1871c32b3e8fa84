namespace OrleansSagas;

/// <summary>What a caller may choose when it starts a saga.</summary>
public sealed record StartOptions
{
    /// <summary>The saga's id. Default: one that the platform makes.</summary>
    public SagaId? Id { get; init; }

    /// <summary>The version of the definition. Default: the newest.</summary>
    public int? Version { get; init; }

    /// <summary>Ties the saga to the business transaction around it: 1 to 128 printable ASCII characters. Default: none.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>
    /// What every step gets beside the data, and a grain that a step calls gets in its request context: who the saga is for, say. At most
    /// 64, with names of 1 to 128 characters (A-Z a-z 0-9 . _ -), and with the values 8 KiB of UTF-8 at most. They are stored as they are
    /// and shown in the saga's history: no place for secrets. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>
    /// The Idempotency-Key, 1 to 255 printable ASCII characters: the same id with the same type and data starts one saga, however often it
    /// is sent, until 24 hours after that saga ended. Default: a fresh one, which makes only the client's own repeats safe.
    /// </summary>
    public string? RequestId { get; init; }
}
