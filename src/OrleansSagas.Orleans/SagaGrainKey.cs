using Orleans.Runtime;

namespace OrleansSagas.Orleans;

/// <summary>Names a saga's grain: namespace, a slash, id. Neither has a slash of its own.</summary>
internal static class SagaGrainKey
{
    private static readonly GrainType Type = GrainType.Create(SagaGrain.TypeName);

    private static volatile object? _interface;

    public static ISagaGrain Saga(this IGrainFactory grains, SagaKey saga) =>
        (ISagaGrain)grains.GetGrain(GrainId.Create(Type, saga.ToString()), (GrainInterfaceType)(_interface ??= FindInterface(grains)));

    /// <summary>
    /// What Orleans calls the interface. It reads the attributes for that each time that a grain is asked for by the interface alone.
    /// </summary>
    private static GrainInterfaceType FindInterface(IGrainFactory grains) =>
        ((GrainReference)grains.GetGrain<ISagaGrain>("any")).InterfaceType;

    public static SagaKey Parse(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return new SagaKey(key[..slash], new SagaId(key[(slash + 1)..]));
    }
}
