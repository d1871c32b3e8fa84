using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSagas;

/// <summary>How the contracts are written as JSON: camel case, absent instead of null.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SagaView))]
[JsonSerializable(typeof(SagaPage))]
[JsonSerializable(typeof(SagaHistory))]
[JsonSerializable(typeof(SagaHistoryEntry))]
[JsonSerializable(typeof(OperatorRequest))]
public sealed partial class SagaJsonContext : JsonSerializerContext;
