using System.Runtime.CompilerServices;
using System.Text.Json;
using Orleans.Runtime;

namespace OrleansSagas.Orleans.Client;

/// <summary>
/// The client for the code of a cluster: the calls of the SDK, over grains. Inside a grain every await comes back to the grain's scheduler.
/// </summary>
internal sealed class ClusterSagaClient(IGrainFactory grains, TimeProvider clock, CallTimes times) : ISagaClient
{
    /// <summary>How long a call is repeated that nobody answers. Every repeat has the request id of the first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public ISagaClientGrain Grain { get; } = grains.GetGrain<ISagaClientGrain>(0);

    public TimeProvider Clock => clock;

    public CallTimes Times => times;

    public async Task<ISagaHandle> StartAsync<T>(string type, T data, StartOptions? options, CancellationToken cancellationToken)
    {
        var view = await SendAsync(RequestOf(type, data, options, TimeSpan.Zero), cancellationToken);
        return Get(view.Id);
    }

    public async Task<SagaView> StartAndWaitAsync<T>(
        string type,
        T data,
        StartOptions? options,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        ClusterSagaHandle.Check(timeout);
        var began = clock.GetTimestamp();
        var view = await SendAsync(RequestOf(type, data, options, times.Hold(timeout ?? TimeSpan.MaxValue)), cancellationToken);
        return view.Status.IsTerminal()
            ? view
            : await new ClusterSagaHandle(this, view.Id).WaitAsync(timeout, began, view, cancellationToken);
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
            var response = await CallAsync(() => Grain.ListAsync(request, cancellationToken), "list sagas", null, null, cancellationToken);
            var page = JsonSerializer.Deserialize(response.Content!, SagaJsonContext.Default.SagaPage)!;
            foreach (var saga in page.Items)
                yield return saga;
            after = page.Next;
        } while (after is not null);
    }

    /// <summary>Makes a call, and repeats it while nobody answers. The token ends the waiting, not what was asked for.</summary>
    /// <exception cref="SagaClientException">The request was refused, or nobody answered in time.</exception>
    public async Task<SagaResponse> CallAsync(
        Func<Task<SagaResponse>> call,
        string purpose,
        SagaId? saga,
        string? requestId,
        CancellationToken cancellation
    )
    {
        cancellation.ThrowIfCancellationRequested();
        var began = clock.GetTimestamp();
        while (true)
        {
            Exception? failure = null;
            Refusal refusal;
            RefusedCall about;
            try
            {
                var response = await call().WaitAsync(cancellation);
                if (response.Problem is null)
                    return response;
                refusal = Refusal.OfProblem(response.Problem);
                about = new(purpose) { Problem = response.Problem, Detail = response.Detail };
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                failure = exception;
                refusal = Refusal.Of(SagaRefusal.Unavailable);
                about = new(purpose) { Detail = exception.Message };
            }

            if (!refusal.IsTransient || clock.GetElapsedTime(began) >= Patience)
                throw refusal.ToException(about with { Saga = saga, RequestId = requestId }, inner: failure);
            await Task.Delay(Pause, clock, cancellation);
        }
    }

    /// <summary>The saga of a response.</summary>
    public static SagaView ViewOf(SagaResponse response) =>
        JsonSerializer.Deserialize(response.Content!, SagaJsonContext.Default.SagaView)!;

    /// <summary>A request id for one call and its own repeats.</summary>
    public static string FreshRequestId() => Guid.CreateVersion7().ToString();

    private async Task<SagaView> SendAsync(SagaStartRequest request, CancellationToken cancellation)
    {
        SagaId? saga = request.Saga is { } id ? new SagaId(id) : null;
        return ViewOf(
            await CallAsync(
                () => Grain.StartAsync(request),
                $"start a saga of type '{request.Type}'",
                saga,
                request.RequestId,
                cancellation
            )
        );
    }

    private static SagaStartRequest RequestOf<T>(string type, T data, StartOptions? options, TimeSpan wait)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(type);
        return new SagaStartRequest
        {
            Type = type,
            Version = options?.Version,
            Saga = options?.Id?.Value,
            Data = JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web),
            CorrelationId = options?.CorrelationId,
            Headers = options?.Headers is { Count: > 0 } headers ? [.. headers] : [],
            RequestId = options?.RequestId ?? FreshRequestId(),
            Wait = wait,
        };
    }
}
