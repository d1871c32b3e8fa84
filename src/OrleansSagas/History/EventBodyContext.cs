using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace OrleansSagas.History;

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(EventBodies.Started))]
[JsonSerializable(typeof(EventBodies.Owner))]
[JsonSerializable(typeof(EventBodies.Attempt))]
[JsonSerializable(typeof(EventBodies.Retry))]
[JsonSerializable(typeof(EventBodies.StepGivenUp))]
[JsonSerializable(typeof(EventBodies.UndoGivenUp))]
[JsonSerializable(typeof(EventBodies.TurnedBack))]
[JsonSerializable(typeof(EventBodies.StepNote))]
[JsonSerializable(typeof(EventBodies.SagaNote))]
[JsonSerializable(typeof(EventBodies.Ended))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class EventBodyContext : JsonSerializerContext;
