using OrleansSagas.Storing;

namespace OrleansSagas.Orleans.Messages;

/// <summary>A definition's name as it travels. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.plan"), Immutable]
internal sealed class PlanMessage
{
    [Id(0)] public required string Type { get; init; }
    [Id(1)] public required int Version { get; init; }
    [Id(2)] public required string Fingerprint { get; init; }

    public static PlanMessage Of(PlanIdentity plan) => new() { Type = plan.Type, Version = plan.Version, Fingerprint = plan.Fingerprint };

    public PlanIdentity ToPlan() => new(Type, Version, Fingerprint);
}
