using System.Runtime.CompilerServices;
using System.Text.Json;
using Orleans.Runtime;

namespace OrleansSagas.Orleans.Client;

/// <summary>
/// The calls of a client for the code of a cluster, over grains. Inside a grain every await comes back to the grain's scheduler.
/// </summary>
internal sealed class ClusterSagaCalls(IGrainFactory grains, TimeProvider clock, CallTimes times) : ISagaCalls
{
    private readonly ISagaClientGrain _grain = grains.GetGrain<ISagaClientGrain>(0);

    public TimeProvider Clock => clock;

    public TimeSpan LongestHold => times.LongestHold;

    public TimeSpan Pause { get; } = TimeSpan.FromSeconds(1);

    public async Task<SagaView> StartAsync<T>(
        string type,
        T data,
        StartOptions? options,
        string requestId,
        TimeSpan hold,
        CancellationToken cancellationToken
    )
    {
        var request = new SagaStartRequest
        {
            Type = type,
            Version = options?.Version,
            Saga = options?.Id?.Value,
            Data = JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web),
            CorrelationId = options?.CorrelationId,
            Headers = options?.Headers is { Count: > 0 } headers ? [.. headers] : [],
            RequestId = requestId,
            Wait = hold,
        };
        var call = new RefusedCall($"start a saga of type '{type}'") { Saga = options?.Id, RequestId = requestId };
        return ViewOf(await CallAsync(() => _grain.StartAsync(request), call, cancellationToken));
    }

    public async Task<SagaView> ActAsync(
        SagaId saga,
        OperatorAction verb,
        OperatorRequest request,
        string requestId,
        CancellationToken cancellationToken
    )
    {
        var act = new SagaOperatorRequest
        {
            Saga = saga.Value,
            Verb = verb.ToString(),
            Actor = request.Actor,
            Reason = request.Reason,
            Step = request.Step,
            RequestId = requestId,
        };
        var call = new RefusedCall($"{verb.ToVerb()} saga '{saga}'") { Saga = saga, RequestId = requestId };
        return ViewOf(await CallAsync(() => _grain.ActAsync(act), call, cancellationToken));
    }

    public async Task<SagaView> GetAsync(SagaId saga, TimeSpan hold, CancellationToken cancellationToken) =>
        ViewOf(
            await CallAsync(
                () => _grain.GetAsync(saga.Value, hold, cancellationToken),
                new RefusedCall($"get saga '{saga}'") { Saga = saga },
                cancellationToken
            )
        );

    public async Task<SagaHistory> HistoryAsync(SagaId saga, long afterRevision, CancellationToken cancellationToken) =>
        HistoryOf(
            await CallAsync(
                () => _grain.HistoryAsync(saga.Value, afterRevision, cancellationToken),
                new RefusedCall($"read the history of saga '{saga}'") { Saga = saga },
                cancellationToken
            )
        );

    public async IAsyncEnumerable<SagaHistoryEntry> WatchAsync(
        SagaId saga,
        long afterRevision,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var call = new RefusedCall($"watch saga '{saga}'") { Saga = saga };
        var (after, isLast) = (afterRevision, false);
        while (!isLast)
        {
            var from = after;
            var response = await CallAsync(
                () => _grain.NextAsync(saga.Value, from, times.LongestHold, cancellationToken),
                call,
                cancellationToken
            );
            foreach (var entry in HistoryOf(response).Items)
            {
                yield return entry;
                after = entry.Revision;
            }

            isLast = response.IsLast;
        }
    }

    public async Task<SagaPage> ListAsync(SagaFilter filter, string? after, CancellationToken cancellationToken)
    {
        var request = new SagaListRequest
        {
            Type = filter.Type,
            Status = filter.Status?.ToString(),
            CorrelationId = filter.CorrelationId,
            Tags = new(filter.Tags),
            StartedFrom = filter.StartedFrom,
            StartedBefore = filter.StartedBefore,
            After = after,
            Limit = filter.PageSize,
        };
        var call = new RefusedCall("list sagas");
        var response = await CallAsync(() => _grain.ListAsync(request, cancellationToken), call, cancellationToken);
        return JsonSerializer.Deserialize(response.Content!, SagaJsonContext.Default.SagaPage)!;
    }

    /// <summary>Makes a call, and repeats it while nobody answers. The token ends the waiting, not what was asked for.</summary>
    /// <exception cref="SagaClientException">The request was refused, or nobody answered in time.</exception>
    private Task<SagaResponse> CallAsync(Func<Task<SagaResponse>> ask, RefusedCall call, CancellationToken cancellation) =>
        TransientRetry.RunAsync(
            async () =>
            {
                SagaResponse response;
                try
                {
                    response = await ask().WaitAsync(cancellation);
                }
                catch (Exception exception) when (exception is OrleansException or TimeoutException)
                {
                    throw Refusal.Of(SagaRefusal.Unavailable).ToException(call with { Detail = exception.Message }, inner: exception);
                }

                return response.Problem is null
                    ? response
                    : throw Refusal
                        .OfProblem(response.Problem)
                        .ToException(call with { Problem = response.Problem, Detail = response.Detail });
            },
            clock,
            Pause,
            cancellation
        );

    private static SagaView ViewOf(SagaResponse response) =>
        JsonSerializer.Deserialize(response.Content!, SagaJsonContext.Default.SagaView)!;

    private static SagaHistory HistoryOf(SagaResponse response) =>
        JsonSerializer.Deserialize(response.Content!, SagaJsonContext.Default.SagaHistory)!;
}
