using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansSagas;

/// <summary>How a saga's data is written where its definition says nothing else.</summary>
internal static class SagaJson
{
    /// <summary>Web defaults, and strict where a caller's mistake would otherwise become a null or a zero.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.MakeReadOnly();
        return options;
    }
}
