using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSagas.Storage;

/// <summary>A saga's tags as one text, so that a listing needs no second table: a JSON array of names and values in turn.</summary>
internal static partial class TagText
{
    /// <summary>Writes <paramref name="tags"/>; null where there are none.</summary>
    /// <param name="tags">What to write.</param>
    /// <param name="part">How the store writes a name or a value; null where it stays as it is.</param>
    internal static string? Write(IReadOnlyList<KeyValuePair<string, string>> tags, Func<string, string>? part = null)
    {
        if (tags.Count == 0)
            return null;
        var flat = new string[tags.Count * 2];
        for (var i = 0; i < tags.Count; i++)
        {
            var (name, value) = tags[i];
            (flat[2 * i], flat[2 * i + 1]) = part is null ? (name, value) : (part(name), part(value));
        }

        return JsonSerializer.Serialize(flat, Context.Default.StringArray);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="part">How the store reads a name or a value; null where it stays as it is.</param>
    internal static IReadOnlyList<KeyValuePair<string, string>> Read(string? text, Func<string, string>? part = null)
    {
        if (text is null)
            return [];
        var flat = JsonSerializer.Deserialize(text, Context.Default.StringArray)!;
        var tags = new KeyValuePair<string, string>[flat.Length / 2];
        for (var i = 0; i < tags.Length; i++)
        {
            var (name, value) = (flat[2 * i], flat[2 * i + 1]);
            tags[i] = part is null ? new(name, value) : new(part(name), part(value));
        }

        return tags;
    }

    [JsonSerializable(typeof(string[]))]
    private sealed partial class Context : JsonSerializerContext;
}
