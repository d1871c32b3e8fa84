using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansSagas;

/// <summary>How a saga's data is written where its definition says nothing else.</summary>
internal static class SagaJson
{
    /// <summary>Data is shown inside of views and histories: who reads those with the usual bound of 64 levels must be able to.</summary>
    private const int MaxDepth = 60;

    /// <summary>Web defaults, and strict where a caller's mistake would otherwise become a null or a zero.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>A definition's own options, bound to what can be passed on as JSON.</summary>
    public static JsonSerializerOptions Bound(JsonSerializerOptions own)
    {
        if (own is { MaxDepth: > 0 and <= MaxDepth, ReadCommentHandling: JsonCommentHandling.Disallow, AllowTrailingCommas: false })
            return own;
        var depth = own.MaxDepth == 0 ? MaxDepth : Math.Min(own.MaxDepth, MaxDepth);
        return new JsonSerializerOptions(own)
        {
            MaxDepth = depth,
            ReadCommentHandling = JsonCommentHandling.Disallow,
            AllowTrailingCommas = false,
        };
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            AllowDuplicateProperties = false,
            MaxDepth = MaxDepth,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.MakeReadOnly();
        return options;
    }
}
