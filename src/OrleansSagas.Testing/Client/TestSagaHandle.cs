using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansSagas.Testing;

/// <summary>One saga of a host in this process.</summary>
internal sealed class TestSagaHandle(SagaTestHost host, TestCalls calls, SagaId id) : ISagaHandle
{
    private const int Page = 1_000;

    public SagaId Id => id;

    private SagaKey Key => new(id);

    public async Task<SagaView> GetAsync(CancellationToken cancellationToken) =>
        await calls.ReadAsync($"get saga '{id}'", sagas => sagas.GetAsync(Key, CancellationToken.None), cancellationToken)
        ?? throw NotFound();

    public Task<SagaView> WaitAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        host.ViewOf(Key) is null ? throw NotFound() : host.WaitForEndAsync(Key, timeout, cancellationToken);

    public async IAsyncEnumerable<SagaHistoryEntry> HistoryAsync(
        long afterRevision,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        for (long? after = afterRevision; after is { } from; )
        {
            var page = await PageAsync(from, cancellationToken);
            foreach (var entry in page.Items)
                yield return entry;
            after = page.Next;
        }
    }

    public async IAsyncEnumerable<SagaHistoryEntry> WatchAsync(
        long afterRevision,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        var after = afterRevision;
        while (true)
        {
            var page = await PageAsync(after, cancellationToken);
            foreach (var entry in page.Items)
                yield return entry;
            if (page.Items.Count > 0)
                after = page.Items[^1].Revision;
            if (host.RevisionOf(Key) > after)
                continue;
            if (host.ViewOf(Key) is { EndedAt: not null })
                yield break;
            await host.WaitAsync(
                Key,
                () => host.RevisionOf(Key) > after ? host.ViewOf(Key) : null,
                null,
                $"an entry of saga '{id}' after {after}",
                cancellationToken
            );
        }
    }

    public Task<SagaView> ActAsync(OperatorAction verb, OperatorRequest? request, string? requestId, CancellationToken cancellationToken)
    {
        request ??= new OperatorRequest();
        var act = new OperatorCommand
        {
            Saga = Key,
            Verb = verb,
            Actor = request.Actor,
            Reason = request.Reason,
            Step = request.Step,
            RequestId = requestId ?? host.Ids.NewRequestId(),
            Body = JsonSerializer.SerializeToUtf8Bytes(request, SagaJsonContext.Default.OperatorRequest),
        };
        var word = verb.ToString().ToLowerInvariant();
        return calls.AskAsync(
            $"{word} saga '{id}'",
            sagas => sagas.ActAsync(act, CancellationToken.None),
            id,
            act.RequestId,
            cancellationToken
        );
    }

    private async Task<SagaHistory> PageAsync(long after, CancellationToken cancellationToken) =>
        await calls.ReadAsync(
            $"read the history of saga '{id}'",
            sagas => sagas.HistoryAsync(Key, after, Page, CancellationToken.None),
            cancellationToken
        ) ?? throw NotFound();

    private SagaNotFoundException NotFound() => new($"There is no saga '{id}'.") { SagaId = id };
}
