using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSagas.Storage.PostgreSql;

/// <summary>A saga's tags as one text, so that a listing needs no second table: a JSON array of names and values in turn.</summary>
internal static partial class TagText
{
    internal static string? Write(IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        if (tags.Count == 0)
            return null;
        var flat = new string[tags.Count * 2];
        for (var i = 0; i < tags.Count; i++)
            (flat[2 * i], flat[2 * i + 1]) = (StoreText.Write(tags[i].Key), StoreText.Write(tags[i].Value));
        return JsonSerializer.Serialize(flat, Context.Default.StringArray);
    }

    internal static IReadOnlyList<KeyValuePair<string, string>> Read(string? text)
    {
        if (text is null)
            return [];
        var flat = JsonSerializer.Deserialize(text, Context.Default.StringArray)!;
        var tags = new KeyValuePair<string, string>[flat.Length / 2];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = new(StoreText.Read(flat[2 * i]), StoreText.Read(flat[2 * i + 1]));
        return tags;
    }

    [JsonSerializable(typeof(string[]))]
    private sealed partial class Context : JsonSerializerContext;
}
