using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansSagas.Orleans.Client;

/// <summary>One saga, over grains.</summary>
internal sealed class ClusterSagaHandle(ClusterSagaClient client, SagaId id) : ISagaHandle
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24); // a timer holds no more

    public SagaId Id => id;

    public Task<SagaView> GetAsync(CancellationToken cancellationToken) => ReadAsync(TimeSpan.Zero, cancellationToken);

    public Task<SagaView> WaitAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        Check(timeout);
        return WaitAsync(timeout, client.Clock.GetTimestamp(), null, cancellationToken);
    }

    public async IAsyncEnumerable<SagaHistoryEntry> WatchAsync(
        long afterRevision,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        var (after, isLast) = (afterRevision, false);
        while (!isLast)
        {
            var from = after;
            var response = await client.CallAsync(
                () => client.Grain.NextAsync(id.Value, from, client.Times.LongestHold, cancellationToken),
                $"watch saga '{id}'",
                id,
                null,
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

    public async IAsyncEnumerable<SagaHistoryEntry> HistoryAsync(
        long afterRevision,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        long? after = afterRevision;
        while (after is { } from)
        {
            var page = HistoryOf(
                await client.CallAsync(
                    () => client.Grain.HistoryAsync(id.Value, from, cancellationToken),
                    $"read the history of saga '{id}'",
                    id,
                    null,
                    cancellationToken
                )
            );
            foreach (var entry in page.Items)
                yield return entry;
            after = page.Next;
        }
    }

    public async Task<SagaView> ActAsync(
        OperatorAction verb,
        OperatorRequest? request,
        string? requestId,
        CancellationToken cancellationToken
    )
    {
        var act = new SagaOperatorRequest
        {
            Saga = id.Value,
            Verb = verb.ToString(),
            Actor = request?.Actor,
            Reason = request?.Reason,
            Step = request?.Step,
            RequestId = requestId ?? ClusterSagaClient.FreshRequestId(),
        };
        return ClusterSagaClient.ViewOf(
            await client.CallAsync(() => client.Grain.ActAsync(act), $"{verb} saga '{id}'", id, act.RequestId, cancellationToken)
        );
    }

    internal async Task<SagaView> WaitAsync(TimeSpan? timeout, long began, SagaView? last, CancellationToken cancellation)
    {
        while (true)
        {
            var left = timeout is { } given ? given - client.Clock.GetElapsedTime(began) : LongestTimeout;
            if (left <= TimeSpan.Zero && last is not null)
                throw new SagaWaitTimeoutException($"Saga '{id}' had not ended after {timeout}; it is {last.Status} and goes on.")
                {
                    SagaId = id,
                    LastView = last,
                };
            last = await ReadAsync(left > TimeSpan.Zero ? client.Times.Hold(left) : TimeSpan.Zero, cancellation);
            if (last.Status.IsTerminal())
                return last;
        }
    }

    internal static void Check(TimeSpan? timeout)
    {
        if (timeout is not { } given)
            return;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(given, TimeSpan.Zero, nameof(timeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(given, LongestTimeout, nameof(timeout));
    }

    private async Task<SagaView> ReadAsync(TimeSpan wait, CancellationToken cancellation) =>
        ClusterSagaClient.ViewOf(
            await client.CallAsync(() => client.Grain.GetAsync(id.Value, wait, cancellation), $"get saga '{id}'", id, null, cancellation)
        );

    private static SagaHistory HistoryOf(SagaResponse response) =>
        JsonSerializer.Deserialize(response.Content!, SagaJsonContext.Default.SagaHistory)!;
}
