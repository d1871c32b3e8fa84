using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansSagas.Deciding;
using OrleansSagas.Planning;

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

    public required IReadOnlyList<StepState> Steps { get; init; }
}

/// <summary>Writes a step's path as text.</summary>
internal sealed class StepPathJsonConverter : JsonConverter<StepPath>
{
    public override StepPath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => StepPath.Parse(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, StepPath value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true, Converters = [typeof(StepPathJsonConverter)])]
[JsonSerializable(typeof(SnapshotBody))]
internal sealed partial class SnapshotContext : JsonSerializerContext;
