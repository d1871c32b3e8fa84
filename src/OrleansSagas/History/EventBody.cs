using System.Text.Json.Serialization;

namespace OrleansSagas.History;

/// <summary>
/// The body of a history entry as it is stored: each event uses the members that it needs. Times are Unix milliseconds. Append, never
/// rename.
/// </summary>
internal sealed record EventBody
{
    [JsonPropertyName("step")]
    public string? Step { get; init; }

    [JsonPropertyName("attempt")]
    public int? Attempt { get; init; }

    [JsonPropertyName("undo")]
    public bool? Undo { get; init; }

    [JsonPropertyName("error")]
    public string? ErrorType { get; init; }

    [JsonPropertyName("message")]
    public string? ErrorMessage { get; init; }

    [JsonPropertyName("retryAt")]
    public long? RetryAt { get; init; }

    [JsonPropertyName("known")]
    public string? Known { get; init; }

    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    [JsonPropertyName("inFlight")]
    public IReadOnlyList<string>? InFlight { get; init; }

    [JsonPropertyName("graceUntil")]
    public long? LateAnswerDeadline { get; init; }

    [JsonPropertyName("note")]
    public string? Note { get; init; }

    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("incarnation")]
    public long? Incarnation { get; init; }

    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("version")]
    public int? Version { get; init; }

    [JsonPropertyName("fingerprint")]
    public string? Fingerprint { get; init; }

    [JsonPropertyName("deadlineAt")]
    public long? DeadlineAt { get; init; }

    [JsonPropertyName("correlationId")]
    public string? CorrelationId { get; init; }

    [JsonPropertyName("parentId")]
    public string? ParentId { get; init; }

    [JsonPropertyName("rootId")]
    public string? RootId { get; init; }

    [JsonPropertyName("headers")]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}
