using System.Text.Json.Serialization;

namespace OrleansSagas.History;

/// <summary>The bodies of the entries as they are stored. Times are Unix milliseconds. Append, never rename, and keep the order.</summary>
internal static class EventBodies
{
    public sealed record Started
    {
        [JsonPropertyName("type")]
        public required string Type { get; init; }

        [JsonPropertyName("version")]
        public required int Version { get; init; }

        [JsonPropertyName("fingerprint")]
        public required string Fingerprint { get; init; }

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

    public sealed record Owner
    {
        [JsonPropertyName("incarnation")]
        public required long Incarnation { get; init; }
    }

    /// <summary>An attempt of a step or an undo.</summary>
    public sealed record Attempt
    {
        [JsonPropertyName("step")]
        public required string Step { get; init; }

        [JsonPropertyName("attempt")]
        public required int Number { get; init; }
    }

    /// <summary>An attempt that failed and is made again.</summary>
    public sealed record Retry
    {
        [JsonPropertyName("step")]
        public required string Step { get; init; }

        [JsonPropertyName("attempt")]
        public required int Number { get; init; }

        [JsonPropertyName("undo")]
        public bool? Undo { get; init; }

        [JsonPropertyName("error")]
        public required string ErrorType { get; init; }

        [JsonPropertyName("message")]
        public string? ErrorMessage { get; init; }

        [JsonPropertyName("retryAt")]
        public required long RetryAt { get; init; }
    }

    /// <summary>A step that was given up.</summary>
    public sealed record StepGivenUp
    {
        [JsonPropertyName("step")]
        public required string Step { get; init; }

        [JsonPropertyName("attempt")]
        public required int Number { get; init; }

        [JsonPropertyName("error")]
        public required string ErrorType { get; init; }

        [JsonPropertyName("message")]
        public string? ErrorMessage { get; init; }

        [JsonPropertyName("known")]
        public required string Known { get; init; }
    }

    /// <summary>An undo that was given up.</summary>
    public sealed record UndoGivenUp
    {
        [JsonPropertyName("step")]
        public required string Step { get; init; }

        [JsonPropertyName("attempt")]
        public required int Number { get; init; }

        [JsonPropertyName("error")]
        public required string ErrorType { get; init; }

        [JsonPropertyName("message")]
        public string? ErrorMessage { get; init; }
    }

    public sealed record TurnedBack
    {
        [JsonPropertyName("error")]
        public required string ErrorType { get; init; }

        [JsonPropertyName("message")]
        public string? ErrorMessage { get; init; }

        [JsonPropertyName("reason")]
        public required string Reason { get; init; }

        [JsonPropertyName("inFlight")]
        public IReadOnlyList<string>? InFlight { get; init; }

        [JsonPropertyName("graceUntil")]
        public long? LateAnswerDeadline { get; init; }
    }

    /// <summary>What an operator did to a step.</summary>
    public sealed record StepNote
    {
        [JsonPropertyName("step")]
        public required string Step { get; init; }

        [JsonPropertyName("note")]
        public string? Note { get; init; }
    }

    /// <summary>What an operator did to a saga.</summary>
    public sealed record SagaNote
    {
        [JsonPropertyName("note")]
        public string? Note { get; init; }
    }

    public sealed record Ended
    {
        [JsonPropertyName("note")]
        public string? Note { get; init; }

        [JsonPropertyName("status")]
        public required string Status { get; init; }
    }
}
