using System.Text.Json;
using System.Text.Unicode;

namespace OrleansSagas;

/// <summary>
/// Whether JSON that was parsed is text all the way down. The parser looks into what it reads only, and what it skips is stored and shown
/// as it came.
/// </summary>
internal static class JsonText
{
    /// <param name="json">Well-formed JSON.</param>
    public static bool IsUnicode(ReadOnlySpan<byte> json) => Utf8.IsValid(json) && (json.IndexOf("\\u"u8) < 0 || HasWholeEscapes(json));

    /// <summary>Half a surrogate pair can be written as an escape, and as nothing else.</summary>
    private static bool HasWholeEscapes(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(
            json,
            new JsonReaderOptions
            {
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
                MaxDepth = int.MaxValue,
            }
        );
        try
        {
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                    _ = reader.GetString();
            }
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
