using OrleansSagas.Storing;

namespace OrleansSagas.Orleans.Messages;

/// <summary>A request row as it travels. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.request"), Immutable]
internal sealed class RequestMessage
{
    [Id(0)] public required string Namespace { get; init; }
    [Id(1)] public required string Key { get; init; }
    [Id(2)] public required byte[] Hash { get; init; }
    [Id(3)] public required string Saga { get; init; }

    public static RequestMessage? Of(StoredRequest? request) => request is null
        ? null
        : new() { Namespace = request.Namespace, Key = request.Key, Hash = request.Hash.ToArray(), Saga = request.Saga.Value };

    public StoredRequest ToRequest() => new(Namespace, Key, Hash, new SagaId(Saga));
}
