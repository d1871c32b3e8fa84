using System.Text.Json.Serialization;

namespace OrleansSagas.History;

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(EventBody))]
internal sealed partial class EventBodyContext : JsonSerializerContext;
