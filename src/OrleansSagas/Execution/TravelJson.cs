using System.Text.Json.Serialization;

namespace OrleansSagas.Execution;

/// <summary>
/// The form in which calls and their results go from one process to another: JSON, in UTF-8. The two processes may be of neighbouring
/// versions: members are only ever added, the older one leaves aside those that it does not know, and one that is left out is null, zero or
/// false.
/// </summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(CommandEnvelope))]
[JsonSerializable(typeof(CommandResult))]
internal sealed partial class TravelJson : JsonSerializerContext;
