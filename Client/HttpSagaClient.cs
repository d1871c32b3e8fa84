using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansSagas.Client;

/// <summary>The client over the public HTTP API.</summary>
internal sealed class HttpSagaClient(SagaChannel channel) : ISagaClient
{
    public async Task<ISagaHandle> StartAsync<T>(string type, T data, StartOptions? options, CancellationToken cancellationToken)
    {
        var view = await channel.CallAsync(StartCall(type, data, options), SagaJsonContext.Default.SagaView, cancellationToken);
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
        var wait = new SagaWait(channel, timeout);
        var call = StartCall(type, data, options) with { WaitSeconds = wait.NextSeconds() };
        var view = await channel.CallAsync(call, SagaJsonContext.Default.SagaView, cancellationToken);
        return view.Status.IsTerminal() ? view : await wait.ForEndAsync(view.Id, view, cancellationToken);
    }

    public ISagaHandle Get(SagaId id) => new HttpSagaHandle(channel, id);

    public IAsyncEnumerable<SagaSummary> ListAsync(SagaFilter? filter, CancellationToken cancellationToken)
    {
        filter ??= new SagaFilter();
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.PageSize, 1, nameof(filter));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filter.PageSize, 1000, nameof(filter));
        return ListPagesAsync(Query(filter), cancellationToken);
    }

    private async IAsyncEnumerable<SagaSummary> ListPagesAsync(string query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var path = after is null ? query : $"{query}&after={Uri.EscapeDataString(after)}";
            var call = new SagaCall(HttpMethod.Get, path) { Kind = SagaCallKind.List, Purpose = "list sagas" };
            var page = await channel.CallAsync(call, SagaJsonContext.Default.SagaPage, cancellationToken);
            foreach (var saga in page.Items)
                yield return saga;
            if (page.Next is not null && page.Next == after)
                throw new SagaClientException(
                    "The server answered with the same page of sagas twice; stopped instead of going round for ever."
                );
            after = page.Next;
        } while (after is not null);
    }

    private SagaCall StartCall<T>(string type, T data, StartOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(type);
        HeaderText.Check(options?.RequestId, HeaderText.MaxRequestId, nameof(StartOptions.RequestId));
        HeaderText.Check(options?.CorrelationId, HeaderText.MaxCorrelationId, nameof(StartOptions.CorrelationId));
        var query = new QueryText($"sagas/{Uri.EscapeDataString(type)}")
            .With("id", options?.Id?.Value)
            .With("version", options?.Version?.ToString(CultureInfo.InvariantCulture));
        return new SagaCall(HttpMethod.Post, query.ToString())
        {
            Kind = SagaCallKind.Start,
            Purpose = $"start a saga of type '{type}'",
            Saga = options?.Id,
            Body = JsonSerializer.SerializeToUtf8Bytes(data, channel.Options.Json),
            RequestId = options?.RequestId ?? Guid.CreateVersion7().ToString(),
            CorrelationId = options?.CorrelationId,
            SagaHeaders = HeaderText.Join(options?.Headers),
        };
    }

    private static string Query(SagaFilter filter)
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
        return query.ToString();
    }
}
