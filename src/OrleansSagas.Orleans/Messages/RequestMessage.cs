using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Messages;

/// <summary>A request row as it travels. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.request"), Immutable]
internal sealed class RequestMessage
{
    [Id(0)]
    public required string Namespace { get; init; }

    [Id(1)]
    public required string Key { get; init; }

    [Id(2)]
    public required byte[] Hash { get; init; }

    [Id(3)]
    public required string Saga { get; init; }

    [Id(4)]
    public required string Caller { get; init; }

    [Id(5)]
    public required int HashVersion { get; init; }

    public static RequestMessage? Of(StoredRequest? request) =>
        request is null
            ? null
            : new()
            {
                Namespace = request.Key.Namespace,
                Key = request.Key.Key,
                Hash = request.Hash.ToArray(),
                Saga = request.Saga.Value,
                Caller = request.Key.Caller,
                HashVersion = request.HashVersion,
            };

    public StoredRequest ToRequest() => new(new RequestKey(Namespace, Caller, Key), Hash, new SagaId(Saga), HashVersion);
}
