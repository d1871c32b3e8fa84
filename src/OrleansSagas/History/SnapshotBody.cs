using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSagas.History;

/// <summary>
/// A state as it is kept beside its history. Its names are its own: what is renamed in the code is not renamed here. Times are ISO 8601.
/// </summary>
internal sealed record SnapshotBody
{
    [JsonPropertyName("format")]
    public required int Format { get; init; }

    [JsonPropertyName("revision")]
    public required long Revision { get; init; }

    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("version")]
    public required int Version { get; init; }

    [JsonPropertyName("fingerprint")]
    public required string Fingerprint { get; init; }

    [JsonPropertyName("startedAt")]
    public required DateTimeOffset StartedAt { get; init; }

    [JsonPropertyName("correlationId")]
    public string? CorrelationId { get; init; }

    [JsonPropertyName("parentId")]
    public string? ParentId { get; init; }

    [JsonPropertyName("rootId")]
    public string? RootId { get; init; }

    [JsonPropertyName("headers")]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    [JsonPropertyName("data")]
    public required byte[] Data { get; init; }

    [JsonPropertyName("dataType")]
    public required string DataType { get; init; }

    [JsonPropertyName("dataCodec")]
    public required string DataCodec { get; init; }

    [JsonPropertyName("dataKeyId")]
    public string? DataKeyId { get; init; }

    [JsonPropertyName("updatedAt")]
    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonPropertyName("deadlineAt")]
    public DateTimeOffset? DeadlineAt { get; init; }

    [JsonPropertyName("direction")]
    public required string Direction { get; init; }

    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    [JsonPropertyName("error")]
    public string? ErrorType { get; init; }

    [JsonPropertyName("message")]
    public string? ErrorMessage { get; init; }

    [JsonPropertyName("graceUntil")]
    public DateTimeOffset? LateAnswerDeadline { get; init; }

    [JsonPropertyName("paused")]
    public bool IsPaused { get; init; }

    [JsonPropertyName("idle")]
    public bool IsQuiescent { get; init; }

    [JsonPropertyName("steps")]
    public required IReadOnlyList<SnapshotStep> Steps { get; init; }
}

/// <summary>What a snapshot says of one step.</summary>
internal sealed record SnapshotStep
{
    [JsonPropertyName("step")]
    public required string Path { get; init; }

    [JsonPropertyName("phase")]
    public required string Phase { get; init; }

    [JsonPropertyName("run")]
    public required int Run { get; init; }

    [JsonPropertyName("attempt")]
    public required int Attempt { get; init; }

    [JsonPropertyName("dueAt")]
    public DateTimeOffset? DueAt { get; init; }

    [JsonPropertyName("uncertain")]
    public bool Uncertain { get; init; }

    [JsonPropertyName("error")]
    public string? ErrorType { get; init; }

    [JsonPropertyName("message")]
    public string? ErrorMessage { get; init; }

    [JsonPropertyName("endedAt")]
    public DateTimeOffset? EndedAt { get; init; }

    [JsonPropertyName("undoRun")]
    public required int UndoRun { get; init; }

    [JsonPropertyName("undoAttempt")]
    public required int UndoAttempt { get; init; }

    [JsonPropertyName("undoForgiven")]
    public int UndoAttemptsReset { get; init; }

    [JsonPropertyName("undoAgain")]
    public bool UndoAgain { get; init; }

    [JsonPropertyName("undoError")]
    public string? UndoErrorType { get; init; }

    [JsonPropertyName("undoMessage")]
    public string? UndoErrorMessage { get; init; }

    [JsonPropertyName("note")]
    public string? Note { get; init; }
}

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(SnapshotBody))]
internal sealed partial class SnapshotContext : JsonSerializerContext;
