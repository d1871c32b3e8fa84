using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Messages;

/// <summary>What a saga needs, as it travels. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.needs"), Immutable]
internal sealed class NeedsMessage
{
    [Id(0)]
    public required string Type { get; init; }

    [Id(1)]
    public required int Version { get; init; }

    [Id(2)]
    public required string Fingerprint { get; init; }

    [Id(3)]
    public required int Form { get; init; }

    public static NeedsMessage Of(SagaNeeds needs) =>
        new()
        {
            Type = needs.Plan.Type,
            Version = needs.Plan.Version,
            Fingerprint = needs.Plan.Fingerprint,
            Form = needs.Form,
        };

    public SagaNeeds ToNeeds() => new(new PlanIdentity(Type, Version, Fingerprint), Form);
}
