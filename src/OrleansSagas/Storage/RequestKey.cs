namespace OrleansSagas.Storage;

/// <summary>Names a request: two callers may use the same key, and each means a request of its own.</summary>
/// <param name="Namespace">The namespace of the request.</param>
/// <param name="Caller">Who asked, 1 to 256 characters; in a row that was stored by version 0.1.0 <see cref="UnknownCaller"/>.</param>
/// <param name="Key">The request id (Idempotency-Key), 1 to 255 characters.</param>
internal sealed record RequestKey(string Namespace, string Caller, string Key)
{
    /// <summary>The caller of a request that was stored before callers were: it is a repeat of it, whoever asks.</summary>
    public const string UnknownCaller = "";
}
