namespace OrleansSagas.Storage;

/// <summary>A request that was taken: what makes a repeat harmless. It is kept for 24 hours after its saga ended.</summary>
/// <param name="Key">What names it.</param>
/// <param name="Hash">The hash of what was asked and its body: 32 bytes.</param>
/// <param name="Saga">The saga that it started or acted on.</param>
/// <param name="HashVersion">What of the body was hashed. Default: 1, its bytes as they came.</param>
internal sealed record StoredRequest(RequestKey Key, ReadOnlyMemory<byte> Hash, SagaId Saga, int HashVersion = StoredRequest.RawBytes)
{
    /// <summary>The hash version of a body whose bytes were hashed as they came.</summary>
    public const int RawBytes = 1;

    /// <summary>How long a request is kept after its saga ended.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);
}
