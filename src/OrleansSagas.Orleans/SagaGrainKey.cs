namespace OrleansSagas.Orleans;

/// <summary>Names a saga's grain: namespace, a slash, id. Neither has a slash of its own.</summary>
internal static class SagaGrainKey
{
    public static ISagaGrain Saga(this IGrainFactory grains, SagaKey saga) => grains.GetGrain<ISagaGrain>(saga.ToString());

    public static SagaKey Parse(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return new SagaKey(key[..slash], new SagaId(key[(slash + 1)..]));
    }
}
