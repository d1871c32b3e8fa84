using OrleansSagas.Storing;

namespace OrleansSagas.Orleans.Requests;

/// <summary>Names the grain of a request.</summary>
internal static class IdempotencyGrainKey
{
    public static IIdempotencyGrain Idempotency(this IGrainFactory grains, StoredRequest request) =>
        grains.GetGrain<IIdempotencyGrain>($"{request.Namespace}/{request.Key}");
}
