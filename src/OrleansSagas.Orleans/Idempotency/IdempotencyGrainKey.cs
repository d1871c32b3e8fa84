using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Idempotency;

/// <summary>Names the grain of a request.</summary>
internal static class IdempotencyGrainKey
{
    /// <remarks>The length of the caller's name tells it from the key: either may have any character.</remarks>
    public static IIdempotencyGrain Idempotency(this IGrainFactory grains, RequestKey request) =>
        grains.GetGrain<IIdempotencyGrain>(
            FormattableString.Invariant($"{request.Namespace}/{request.Caller.Length}/{request.Caller}/{request.Key}")
        );
}
