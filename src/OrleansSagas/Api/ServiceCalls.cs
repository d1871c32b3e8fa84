using System.Text.Json;
using OrleansSagas.Storage;

namespace OrleansSagas;

/// <summary>The calls of a client into an engine of the same process.</summary>
internal abstract class ServiceCalls : ISagaCalls
{
    private const int HistoryPage = 1_000;

    public abstract TimeProvider Clock { get; }

    public virtual TimeSpan LongestHold => TimeSpan.FromSeconds(20);

    public TimeSpan Pause => TimeSpan.FromSeconds(1);

    public abstract string NewRequestId();

    public Task<SagaView> StartAsync<T>(
        string type,
        T data,
        StartOptions? options,
        string requestId,
        TimeSpan hold,
        CancellationToken cancellationToken
    )
    {
        var start = new StartSaga
        {
            Type = type,
            Version = options?.Version,
            Id = options?.Id,
            Data = Write(type, options?.Version, data),
            CorrelationId = options?.CorrelationId,
            Headers = options?.Headers,
            RequestId = requestId,
            Wait = hold,
        };
        var call = new RefusedCall($"start a saga of type '{type}'") { Saga = options?.Id, RequestId = requestId };
        return AskAsync(call, sagas => sagas.StartAsync(start, cancellationToken), cancellationToken);
    }

    public Task<SagaView> ActAsync(
        SagaId saga,
        OperatorAction verb,
        OperatorRequest request,
        string requestId,
        CancellationToken cancellationToken
    )
    {
        var act = new OperatorCommand
        {
            Saga = new SagaKey(saga),
            Verb = verb,
            Actor = request.Actor,
            Reason = request.Reason,
            Step = request.Step,
            RequestId = requestId,
            Body = JsonSerializer.SerializeToUtf8Bytes(request, SagaJsonContext.Default.OperatorRequest),
        };
        var call = new RefusedCall($"{verb.ToVerb()} saga '{saga}'") { Saga = saga, RequestId = requestId };
        return AskAsync(call, sagas => sagas.ActAsync(act, cancellationToken), cancellationToken);
    }

    public async Task<SagaView> GetAsync(SagaId saga, TimeSpan hold, CancellationToken cancellationToken)
    {
        var call = new RefusedCall($"get saga '{saga}'") { Saga = saga };
        var key = new SagaKey(saga);
        return await ReadAsync(
                call,
                sagas => hold > TimeSpan.Zero ? sagas.WaitAsync(key, hold, cancellationToken) : sagas.GetAsync(key, cancellationToken),
                cancellationToken
            ) ?? throw NotFound(call);
    }

    public async Task<SagaHistory> HistoryAsync(SagaId saga, long afterRevision, CancellationToken cancellationToken)
    {
        var call = new RefusedCall($"read the history of saga '{saga}'") { Saga = saga };
        return await ReadAsync(
                call,
                sagas => sagas.HistoryAsync(new SagaKey(saga), afterRevision, HistoryPage, cancellationToken),
                cancellationToken
            ) ?? throw NotFound(call);
    }

    public abstract IAsyncEnumerable<SagaHistoryEntry> WatchAsync(SagaId saga, long afterRevision, CancellationToken cancellationToken);

    public Task<SagaPage> ListAsync(SagaFilter filter, string? after, CancellationToken cancellationToken)
    {
        var query = new SagaQuery
        {
            Type = filter.Type,
            Status = filter.Status,
            CorrelationId = filter.CorrelationId,
            Tags = [.. filter.Tags],
            StartedFrom = filter.StartedFrom,
            StartedBefore = filter.StartedBefore,
            After = after,
            Limit = filter.PageSize,
        };
        return ReadAsync(new RefusedCall("list sagas"), sagas => sagas.ListAsync(query, cancellationToken), cancellationToken);
    }

    /// <summary>Asks for something that is taken or refused; what may be taken later is repeated for a while.</summary>
    protected abstract Task<SagaView> AskAsync(
        RefusedCall call,
        Func<SagaService, Task<SagaResult>> ask,
        CancellationToken cancellationToken
    );

    /// <summary>Reads something; a store that does not answer is asked again for a while.</summary>
    protected abstract Task<T> ReadAsync<T>(RefusedCall call, Func<SagaService, Task<T>> read, CancellationToken cancellationToken);

    protected abstract SagaDefinition? Find(string type, int? version);

    protected static SagaClientException NotFound(RefusedCall call) =>
        Refusal.Of(SagaRefusal.SagaNotFound).ToException(call, "no saga has this id");

    protected static SagaClientException Refused(RefusedCall call, SagaResult.Refused refused)
    {
        var refusal = Refusal.Of(refused.Refusal);
        return refusal.ToException(call with { Problem = refusal.Problem, Detail = refused.Detail });
    }

    protected static SagaClientException Unavailable(RefusedCall call, StoreException failure) =>
        Refusal.Of(SagaRefusal.Unavailable).ToException(call, failure.Message, inner: failure);

    private byte[] Write<T>(string type, int? version, T data) =>
        data is not null && Find(type, version) is { } definition && definition.DataType == data.GetType()
            ? definition.Write(data)
            : JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web);
}
