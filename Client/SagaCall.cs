namespace OrleansSagas.Client;

/// <summary>One call as it is sent, and sent again unchanged where an attempt fails.</summary>
internal sealed record SagaCall(HttpMethod Method, string Path)
{
    /// <summary>What the call does, as an error says it: "start a saga of type 'order'".</summary>
    public required string Purpose { get; init; }

    public required SagaCallKind Kind { get; init; }

    public SagaId? Saga { get; init; }

    public byte[]? Body { get; init; }

    public string? RequestId { get; init; }

    public string? CorrelationId { get; init; }

    public string? SagaHeaders { get; init; }

    /// <summary>Whole seconds to wait on the server; zero for none.</summary>
    public int WaitSeconds { get; init; }

    public long LastEventId { get; init; }

    public HttpRequestMessage ToRequest(Uri address, string? apiKey)
    {
        var request = new HttpRequestMessage(Method, new Uri(address, Path));
        request.Headers.TryAddWithoutValidation("Accept", Kind == SagaCallKind.Watch ? "text/event-stream" : "application/json");
        Add("Authorization", apiKey is null ? null : $"Bearer {apiKey}");
        Add("Idempotency-Key", RequestId is null ? null : HeaderText.Quote(RequestId));
        Add("Correlation-Id", CorrelationId);
        Add("Saga-Headers", SagaHeaders);
        Add("Prefer", WaitSeconds > 0 ? $"wait={WaitSeconds}" : null);
        Add("Last-Event-ID", LastEventId > 0 ? $"{LastEventId}" : null);
        if (Body is not null)
        {
            request.Content = new ByteArrayContent(Body);
            request.Content.Headers.ContentType = new("application/json");
        }
        return request;

        void Add(string name, string? value)
        {
            if (value is not null)
                request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
