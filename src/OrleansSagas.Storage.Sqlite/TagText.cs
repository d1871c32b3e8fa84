using System.Text.Json;

namespace OrleansSagas.Storage.Sqlite;

/// <summary>A saga's tags as one text, so that a listing needs no second table: a JSON array of names and values in turn.</summary>
internal static class TagText
{
    internal static string? Write(IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        if (tags.Count == 0)
            return null;
        var flat = new string[tags.Count * 2];
        for (var i = 0; i < tags.Count; i++)
            (flat[2 * i], flat[2 * i + 1]) = tags[i];
        return JsonSerializer.Serialize(flat, TagTextContext.Default.StringArray);
    }

    internal static IReadOnlyList<KeyValuePair<string, string>> Read(string? text)
    {
        if (text is null)
            return [];
        var flat = JsonSerializer.Deserialize(text, TagTextContext.Default.StringArray)!;
        var tags = new KeyValuePair<string, string>[flat.Length / 2];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = new(flat[2 * i], flat[2 * i + 1]);
        return tags;
    }
}
