using System.Text.Json.Serialization;
using OrleansSagas.Deciding;

namespace OrleansSagas.History;

/// <summary>A state as it is kept beside its history. Only the program that wrote it need be able to read it.</summary>
internal sealed record SnapshotBody
{
    public required int Format { get; init; }

    public required long Revision { get; init; }

    public required string Type { get; init; }

    public required int Version { get; init; }

    public required string Fingerprint { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public string? CorrelationId { get; init; }

    public string? ParentId { get; init; }

    public required byte[] Data { get; init; }

    public required string DataType { get; init; }

    public required string DataCodec { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? DeadlineAt { get; init; }

    public SagaDirection Direction { get; init; }

    public SagaEndReason? Reason { get; init; }

    public SagaError? Error { get; init; }

    public DateTimeOffset? GraceUntil { get; init; }

    public bool IsPaused { get; init; }

    public bool IsIdle { get; init; }

    public required IReadOnlyList<SnapshotStep> Steps { get; init; }
}

/// <summary>A step's state as it is kept beside the history.</summary>
internal sealed record SnapshotStep
{
    public required string Path { get; init; }

    public required StepPhase Phase { get; init; }

    public int Run { get; init; }

    public int Attempt { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public bool Uncertain { get; init; }

    public SagaError? Error { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public int UndoRun { get; init; }

    public int UndoAttempt { get; init; }

    public int UndoForgiven { get; init; }

    public bool UndoAgain { get; init; }

    public SagaError? UndoError { get; init; }

    public string? Note { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(SnapshotBody))]
internal sealed partial class SnapshotContext : JsonSerializerContext;
