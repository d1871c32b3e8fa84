using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansSagas.Client;

/// <summary>One saga over the public HTTP API.</summary>
internal sealed class HttpSagaHandle(SagaChannel channel, SagaId id) : ISagaHandle
{
    private const int HistoryPage = 1000;

    public SagaId Id => id;

    private string Path { get; } = $"sagas/{Uri.EscapeDataString(id.Value)}";

    public Task<SagaView> GetAsync(CancellationToken cancellationToken) =>
        channel.CallAsync(
            new SagaCall(HttpMethod.Get, Path)
            {
                Kind = SagaCallKind.Read,
                Purpose = $"get saga '{id}'",
                Saga = id,
            },
            SagaJsonContext.Default.SagaView,
            cancellationToken
        );

    public Task<SagaView> WaitAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        new SagaWait(channel, timeout).ForEndAsync(id, null, cancellationToken);

    public IAsyncEnumerable<SagaHistoryEntry> WatchAsync(long afterRevision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        return new SagaWatch(channel, id, afterRevision).EntriesAsync(cancellationToken);
    }

    public IAsyncEnumerable<SagaHistoryEntry> HistoryAsync(long afterRevision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        return HistoryPagesAsync(afterRevision, cancellationToken);
    }

    public Task<SagaView> ActAsync(OperatorAction verb, OperatorRequest? request, string? requestId, CancellationToken cancellationToken)
    {
        HeaderText.Check(requestId, HeaderText.MaxRequestId, nameof(requestId));
        var word = verb.ToString().ToLowerInvariant();
        var call = new SagaCall(HttpMethod.Post, $"{Path}/{word}")
        {
            Kind = SagaCallKind.Verb,
            Purpose = $"{word} saga '{id}'",
            Saga = id,
            Body = JsonSerializer.SerializeToUtf8Bytes(request ?? new OperatorRequest(), SagaJsonContext.Default.OperatorRequest),
            RequestId = requestId ?? Guid.CreateVersion7().ToString(),
        };
        return channel.CallAsync(call, SagaJsonContext.Default.SagaView, cancellationToken);
    }

    private async IAsyncEnumerable<SagaHistoryEntry> HistoryPagesAsync(
        long after,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var call = new SagaCall(HttpMethod.Get, $"{Path}/history?after={after}&limit={HistoryPage}")
            {
                Kind = SagaCallKind.Read,
                Purpose = $"read the history of saga '{id}'",
                Saga = id,
            };
            var page = await channel.CallAsync(call, SagaJsonContext.Default.SagaHistory, cancellationToken);
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
