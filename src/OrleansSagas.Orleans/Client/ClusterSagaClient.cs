using System.Runtime.CompilerServices;
using System.Text.Json;
using Orleans.Runtime;

namespace OrleansSagas.Orleans.Client;

/// <summary>The client for code inside the cluster: the calls of the SDK, over grains.</summary>
internal sealed class ClusterSagaClient(IClusterClient cluster, TimeProvider clock) : ISagaClient
{
    /// <summary>How long a call is repeated that nobody answers. Every repeat has the request id of the first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public IDoorGrain Door { get; } = cluster.GetGrain<IDoorGrain>(0);

    public TimeProvider Clock => clock;

    public async Task<ISagaHandle> StartAsync<T>(string type, T data, StartOptions? options, CancellationToken cancellationToken)
    {
        var view = await SendAsync(StartOf(type, data, options, TimeSpan.Zero), cancellationToken);
        return Get(view.Id);
    }

    public async Task<SagaView> StartAndWaitAsync<T>(string type, T data, StartOptions? options, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ClusterSagaHandle.Check(timeout);
        var began = clock.GetTimestamp();
        var view = await SendAsync(StartOf(type, data, options, timeout ?? TimeSpan.MaxValue), cancellationToken);
        return view.Status.IsTerminal() ? view : await new ClusterSagaHandle(this, view.Id).WaitAsync(timeout, began, view, cancellationToken);
    }

    public ISagaHandle Get(SagaId id) => new ClusterSagaHandle(this, id);

    public async IAsyncEnumerable<SagaSummary> ListAsync(SagaFilter? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        filter ??= new SagaFilter();
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.PageSize, 1, nameof(filter));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filter.PageSize, 1000, nameof(filter));
        string? after = null;
        do
        {
            var query = new DoorQuery
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
            var page = JsonSerializer.Deserialize(await CallAsync(() => Door.ListAsync(query, cancellationToken), "list sagas", null, null, cancellationToken), SagaJsonContext.Default.SagaPage)!;
            foreach (var saga in page.Items)
                yield return saga;
            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>Repeats a call that nobody answers, as long as that makes sense.</summary>
    public async Task<T> CallAsync<T>(Func<Task<T>> call, string purpose, SagaId? saga, string? requestId, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            Exception? failure = null;
            string? detail = null;
            try
            {
                var answer = await call();
                if (answer is not DoorAnswer { Problem: SagaProblems.Unavailable or SagaProblems.Overloaded } busy)
                    return answer;
                detail = busy.Detail;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException or Storing.StoreException)
            {
                (failure, detail) = (exception, exception.Message);
            }

            if (clock.GetElapsedTime(began) >= Patience)
                throw new SagaUnavailableException($"Could not {purpose}: {detail} Whether it was done is not known; repeating it with the same request id is safe.", failure) { SagaId = saga, RequestId = requestId, Detail = detail };
            await Task.Delay(Pause, clock, cancellation);
        }
    }

    /// <summary>The saga of an answer.</summary>
    /// <exception cref="SagaClientException">The request was refused.</exception>
    public static SagaView ViewOf(DoorAnswer answer, string purpose, SagaId? saga, string? requestId) => answer.View is { } view
        ? JsonSerializer.Deserialize(view, SagaJsonContext.Default.SagaView)!
        : throw Refusals.ExceptionOf(purpose, answer.Problem, answer.Detail, saga, requestId);

    private async Task<SagaView> SendAsync(DoorStart start, CancellationToken cancellation)
    {
        SagaId? saga = start.Saga is { } id ? new SagaId(id) : null;
        var purpose = $"start a saga of type '{start.Type}'";
        return ViewOf(await CallAsync(() => Door.StartAsync(start, cancellation), purpose, saga, start.RequestId, cancellation), purpose, saga, start.RequestId);
    }

    private static DoorStart StartOf<T>(string type, T data, StartOptions? options, TimeSpan wait)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(type);
        return new DoorStart
        {
            Type = type,
            Version = options?.Version,
            Saga = options?.Id?.Value,
            Data = JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web),
            CorrelationId = options?.CorrelationId,
            RequestId = options?.RequestId ?? FreshRequestId(),
            Wait = wait,
        };
    }

    public static string FreshRequestId() => SagaRuntime.System.Ids.NewSagaId(TimeProvider.System.GetUtcNow()).Value;
}
