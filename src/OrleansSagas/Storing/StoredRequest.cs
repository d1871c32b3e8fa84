namespace OrleansSagas.Storing;

/// <summary>A request that was taken: what makes a repeat harmless. It is kept for 24 hours after its saga ended.</summary>
/// <param name="Namespace">The namespace of the key.</param>
/// <param name="Key">The request id (Idempotency-Key), 1 to 255 characters.</param>
/// <param name="Hash">The hash of what was asked and its raw body: 32 bytes.</param>
/// <param name="Saga">The saga that it started or acted on.</param>
public sealed record StoredRequest(string Namespace, string Key, ReadOnlyMemory<byte> Hash, SagaId Saga)
{
    /// <summary>How long a request is kept after its saga ended.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);
}
