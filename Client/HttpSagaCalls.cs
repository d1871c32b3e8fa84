using System.Globalization;
using System.Text.Json;

namespace OrleansSagas.Client;

/// <summary>The calls of a client over the public HTTP API.</summary>
internal sealed class HttpSagaCalls(SagaChannel channel) : ISagaCalls
{
    private const int HistoryPage = 1000;

    public TimeProvider Clock => channel.Clock;

    public TimeSpan LongestHold => channel.Options.PollWait;

    public TimeSpan Pause => channel.Options.RetryDelay;

    public Task<SagaView> StartAsync<T>(
        string type,
        T data,
        StartOptions? options,
        string requestId,
        TimeSpan hold,
        CancellationToken cancellationToken
    )
    {
        HeaderText.Check(options?.RequestId, HeaderText.MaxRequestId, nameof(StartOptions.RequestId));
        HeaderText.Check(options?.CorrelationId, HeaderText.MaxCorrelationId, nameof(StartOptions.CorrelationId));
        var query = new QueryText($"sagas/{Uri.EscapeDataString(type)}")
            .With("id", options?.Id?.Value)
            .With("version", options?.Version?.ToString(CultureInfo.InvariantCulture));
        var call = new SagaCall(HttpMethod.Post, query.ToString())
        {
            Kind = SagaCallKind.Start,
            Purpose = $"start a saga of type '{type}'",
            Saga = options?.Id,
            Body = JsonSerializer.SerializeToUtf8Bytes(data, channel.Options.Json),
            RequestId = requestId,
            CorrelationId = options?.CorrelationId,
            SagaHeaders = HeaderText.Join(options?.Headers),
            WaitSeconds = WholeSeconds(hold),
        };
        return channel.CallAsync(call, SagaJsonContext.Default.SagaView, cancellationToken);
    }

    public Task<SagaView> ActAsync(
        SagaId saga,
        OperatorAction verb,
        OperatorRequest request,
        string requestId,
        CancellationToken cancellationToken
    )
    {
        HeaderText.Check(requestId, HeaderText.MaxRequestId, nameof(requestId));
        var word = verb.ToVerb();
        var call = new SagaCall(HttpMethod.Post, $"{PathOf(saga)}/{word}")
        {
            Kind = SagaCallKind.Verb,
            Purpose = $"{word} saga '{saga}'",
            Saga = saga,
            Body = JsonSerializer.SerializeToUtf8Bytes(request, SagaJsonContext.Default.OperatorRequest),
            RequestId = requestId,
        };
        return channel.CallAsync(call, SagaJsonContext.Default.SagaView, cancellationToken);
    }

    public Task<SagaView> GetAsync(SagaId saga, TimeSpan hold, CancellationToken cancellationToken)
    {
        var call = new SagaCall(HttpMethod.Get, PathOf(saga))
        {
            Kind = SagaCallKind.Read,
            Purpose = $"get saga '{saga}'",
            Saga = saga,
            WaitSeconds = WholeSeconds(hold),
        };
        return channel.CallAsync(call, SagaJsonContext.Default.SagaView, cancellationToken);
    }

    public Task<SagaHistory> HistoryAsync(SagaId saga, long afterRevision, CancellationToken cancellationToken)
    {
        var call = new SagaCall(HttpMethod.Get, $"{PathOf(saga)}/history?after={afterRevision}&limit={HistoryPage}")
        {
            Kind = SagaCallKind.Read,
            Purpose = $"read the history of saga '{saga}'",
            Saga = saga,
        };
        return channel.CallAsync(call, SagaJsonContext.Default.SagaHistory, cancellationToken);
    }

    public IAsyncEnumerable<SagaHistoryEntry> WatchAsync(SagaId saga, long afterRevision, CancellationToken cancellationToken) =>
        new SagaWatch(channel, saga, afterRevision).EntriesAsync(cancellationToken);

    public Task<SagaPage> ListAsync(SagaFilter filter, string? after, CancellationToken cancellationToken)
    {
        var query = new QueryText("sagas")
            .With("type", filter.Type)
            .With("status", filter.Status?.ToString())
            .With("correlationId", filter.CorrelationId)
            .With("startedFrom", filter.StartedFrom?.ToString("O", CultureInfo.InvariantCulture))
            .With("startedBefore", filter.StartedBefore?.ToString("O", CultureInfo.InvariantCulture))
            .With("limit", filter.PageSize.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, value) in filter.Tags)
            query = query.With("tag", $"{name}:{value}");
        var call = new SagaCall(HttpMethod.Get, query.With("after", after).ToString()) { Kind = SagaCallKind.List, Purpose = "list sagas" };
        return channel.CallAsync(call, SagaJsonContext.Default.SagaPage, cancellationToken);
    }

    private static string PathOf(SagaId saga) => $"sagas/{Uri.EscapeDataString(saga.Value)}";

    /// <summary>What a server is asked to wait: zero where less than a second is left.</summary>
    private static int WholeSeconds(TimeSpan hold) => (int)hold.TotalSeconds;
}
