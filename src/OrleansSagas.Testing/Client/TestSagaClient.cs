using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansSagas.Testing;

/// <summary>The client's interface over a host in this process.</summary>
internal sealed class TestSagaClient(SagaTestHost host, TestCalls calls) : ISagaClient
{
    public async Task<ISagaHandle> StartAsync<T>(string type, T data, StartOptions? options, CancellationToken cancellationToken) =>
        Get((await BeginAsync(type, data, options, cancellationToken)).Id);

    public async Task<SagaView> StartAndWaitAsync<T>(
        string type,
        T data,
        StartOptions? options,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        var view = await BeginAsync(type, data, options, cancellationToken);
        return await host.WaitForEndAsync(new SagaKey(view.Id), timeout, cancellationToken);
    }

    public ISagaHandle Get(SagaId id) => new TestSagaHandle(host, calls, id);

    public async IAsyncEnumerable<SagaSummary> ListAsync(SagaFilter? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        filter ??= new SagaFilter();
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.PageSize, 1, nameof(filter));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filter.PageSize, 1000, nameof(filter));
        var query = new Storage.SagaQuery
        {
            Type = filter.Type,
            Status = filter.Status,
            CorrelationId = filter.CorrelationId,
            Tags = [.. filter.Tags],
            StartedFrom = filter.StartedFrom,
            StartedBefore = filter.StartedBefore,
            Limit = filter.PageSize,
        };
        do
        {
            var page = await calls.ReadAsync("list sagas", sagas => sagas.ListAsync(query, CancellationToken.None), cancellationToken);
            foreach (var saga in page.Items)
                yield return saga;
            query = query with { After = page.Next };
        } while (query.After is not null);
    }

    private Task<SagaView> BeginAsync<T>(string type, T data, StartOptions? options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(type);
        var start = new StartSaga
        {
            Type = type,
            Version = options?.Version,
            Id = options?.Id,
            Data = Write(type, options?.Version, data),
            CorrelationId = options?.CorrelationId,
            Headers = options?.Headers,
            RequestId = options?.RequestId ?? host.Ids.NewRequestId(),
        };
        return calls.AskAsync(
            $"start a saga of type '{type}'",
            sagas => sagas.StartAsync(start, CancellationToken.None),
            start.Id,
            start.RequestId,
            cancellationToken
        );
    }

    private byte[] Write<T>(string type, int? version, T data) =>
        data is not null && host.Catalog.Find(type, version) is { } definition && definition.DataType == data.GetType()
            ? definition.Write(data)
            : JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web);
}
