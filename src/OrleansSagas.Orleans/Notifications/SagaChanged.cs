namespace OrleansSagas.Orleans.Notifications;

/// <summary>A saga that somebody watches has changed. What changed is in the store.</summary>
[GenerateSerializer, Alias("sagas.changed"), Immutable]
internal readonly record struct SagaChanged(
    [property: Id(0)] string Namespace,
    [property: Id(1)] string Saga,
    [property: Id(2)] long Revision
);
