using System.Runtime.CompilerServices;

namespace OrleansSagas;

/// <summary>The client, whatever its calls go over.</summary>
internal sealed class SagaClient(ISagaCalls calls) : ISagaClient
{
    public async Task<ISagaHandle> StartAsync<T>(string type, T data, StartOptions? options, CancellationToken cancellationToken) =>
        Get((await BeginAsync(type, data, options, TimeSpan.Zero, cancellationToken)).Id);

    public async Task<SagaView> StartAndWaitAsync<T>(
        string type,
        T data,
        StartOptions? options,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        var wait = new SagaWait(calls, timeout);
        var view = await BeginAsync(type, data, options, wait.NextHold, cancellationToken);
        return view.Status.IsTerminal() ? view : await calls.WaitForEndAsync(view.Id, wait, view, cancellationToken);
    }

    public ISagaHandle Get(SagaId id) => new SagaHandle(calls, id);

    public IAsyncEnumerable<SagaSummary> ListAsync(SagaFilter? filter, CancellationToken cancellationToken)
    {
        filter ??= new SagaFilter();
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.PageSize, 1, nameof(filter));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filter.PageSize, 1000, nameof(filter));
        return ListPagesAsync(filter, cancellationToken);
    }

    private Task<SagaView> BeginAsync<T>(string type, T data, StartOptions? options, TimeSpan hold, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(type);
        return calls.StartAsync(type, data, options, options?.RequestId ?? calls.NewRequestId(), hold, cancellationToken);
    }

    private async IAsyncEnumerable<SagaSummary> ListPagesAsync(
        SagaFilter filter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? after = null;
        do
        {
            var page = await calls.ListAsync(filter, after, cancellationToken);
            foreach (var saga in page.Items)
                yield return saga;
            if (page.Next is not null && page.Next == after)
                throw new SagaClientException(
                    "The server answered with the same page of sagas twice; stopped instead of going round for ever."
                );
            after = page.Next;
        } while (after is not null);
    }
}
