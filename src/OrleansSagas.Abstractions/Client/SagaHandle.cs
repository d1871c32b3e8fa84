using System.Runtime.CompilerServices;

namespace OrleansSagas;

/// <summary>One saga, whatever the calls go over.</summary>
internal sealed class SagaHandle(ISagaCalls calls, SagaId id) : ISagaHandle
{
    public SagaId Id => id;

    public Task<SagaView> GetAsync(CancellationToken cancellationToken) => calls.GetAsync(id, TimeSpan.Zero, cancellationToken);

    public Task<SagaView> WaitAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        calls.WaitForEndAsync(id, new SagaWait(calls, timeout), null, cancellationToken);

    public IAsyncEnumerable<SagaHistoryEntry> WatchAsync(long afterRevision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        return calls.WatchAsync(id, afterRevision, cancellationToken);
    }

    public IAsyncEnumerable<SagaHistoryEntry> HistoryAsync(long afterRevision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        return HistoryPagesAsync(afterRevision, cancellationToken);
    }

    public Task<SagaView> ActAsync(OperatorAction verb, OperatorRequest? request, string? requestId, CancellationToken cancellationToken) =>
        calls.ActAsync(id, verb, request ?? new OperatorRequest(), requestId ?? calls.NewRequestId(), cancellationToken);

    private async IAsyncEnumerable<SagaHistoryEntry> HistoryPagesAsync(
        long after,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var page = await calls.HistoryAsync(id, after, cancellationToken);
            foreach (var entry in page.Items)
                yield return entry;
            if (page.Next is not { } next)
                yield break;
            if (next <= after)
                throw new SagaClientException(
                    $"The server answered with the same page of the history of saga '{id}' twice; stopped instead of going round for ever."
                )
                {
                    SagaId = id,
                };
            after = next;
        }
    }
}
