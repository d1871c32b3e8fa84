using System.Runtime.CompilerServices;
using System.Text.Json;
using OrleansSagas.History;

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

    public async IAsyncEnumerable<SagaHistoryEntry> WatchAsync(long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        _ = await GetAsync(cancellationToken);
        var after = afterRevision;
        while (await client.CallAsync(() => client.Door.NextAsync(id.Value, after, cancellationToken), $"watch saga '{id}'", id, null, cancellationToken) is { } json)
        {
            foreach (var entry in JsonSerializer.Deserialize(json, SagaJsonContext.Default.SagaHistory)!.Items)
            {
                yield return entry;
                after = entry.Revision;
                if (entry.Event == SagaEventFormat.EndedName)
                    yield break;
            }
        }
    }

    public async IAsyncEnumerable<SagaHistoryEntry> HistoryAsync(long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        long? after = afterRevision;
        while (after is { } from)
        {
            var json = await client.CallAsync(() => client.Door.HistoryAsync(id.Value, from, cancellationToken), $"read the history of saga '{id}'", id, null, cancellationToken);
            var page = JsonSerializer.Deserialize(json ?? throw NotFound(), SagaJsonContext.Default.SagaHistory)!;
            foreach (var entry in page.Items)
                yield return entry;
            after = page.Next;
        }
    }

    public async Task<SagaView> ActAsync(SagaVerb verb, OperatorRequest? request, string? requestId, CancellationToken cancellationToken)
    {
        var act = new DoorAct { Saga = id.Value, Verb = verb.ToString(), Actor = request?.Actor, Reason = request?.Reason, Step = request?.Step, RequestId = requestId ?? ClusterSagaClient.FreshRequestId() };
        var purpose = $"{verb} saga '{id}'";
        return ClusterSagaClient.ViewOf(await client.CallAsync(() => client.Door.ActAsync(act, cancellationToken), purpose, id, act.RequestId, cancellationToken), purpose, id, act.RequestId);
    }

    internal async Task<SagaView> WaitAsync(TimeSpan? timeout, long began, SagaView? last, CancellationToken cancellation)
    {
        while (true)
        {
            var left = timeout is { } given ? given - client.Clock.GetElapsedTime(began) : LongestTimeout;
            if (left <= TimeSpan.Zero && last is not null)
                throw new SagaWaitTimeoutException($"Saga '{id}' had not ended after {timeout}; it is {last.Status} and goes on.") { SagaId = id, LastView = last };
            last = await ReadAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation);
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

    private async Task<SagaView> ReadAsync(TimeSpan wait, CancellationToken cancellation)
    {
        var json = await client.CallAsync(() => client.Door.GetAsync(id.Value, wait, cancellation), $"get saga '{id}'", id, null, cancellation);
        return JsonSerializer.Deserialize(json ?? throw NotFound(), SagaJsonContext.Default.SagaView)!;
    }

    private SagaNotFoundException NotFound() => new($"No saga has the id '{id}'. Check the id, and that the saga was started on this cluster.") { SagaId = id, ProblemType = SagaProblems.SagaNotFound };
}
