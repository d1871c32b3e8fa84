using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace OrleansSagas.Storage.PostgreSql;

/// <summary>Text that PostgreSQL can hold: it knows neither the character 0 nor half a surrogate pair, and a tag may be anything.
/// Such a character is written as the substitute character (U+001A) and its four hexadecimal digits.</summary>
internal static class StoreText
{
    private const char Substitute = '\u001A';

    private static readonly SearchValues<char> Suspects = SearchValues.Create([
        '\0',
        Substitute,
        .. Enumerable.Range(0xD800, 0x800).Select(c => (char)c),
    ]);

    [return: NotNullIfNotNull(nameof(text))]
    internal static string? Write(string? text) => text is null || !text.AsSpan().ContainsAny(Suspects) ? text : Escape(text);

    internal static string Read(string text) => text.Contains(Substitute, StringComparison.Ordinal) ? Unescape(text) : text;

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                escaped.Append(c).Append(text[++i]);
            else if (c is '\0' or Substitute || char.IsSurrogate(c))
                escaped.Append(CultureInfo.InvariantCulture, $"{Substitute}{(int)c:x4}");
            else
                escaped.Append(c);
        }

        return escaped.ToString();
    }

    private static string Unescape(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (
                text[i] == Substitute
                && ushort.TryParse(
                    text.AsSpan(i + 1, Math.Min(4, text.Length - i - 1)),
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture,
                    out var code
                )
            )
            {
                plain.Append((char)code);
                i += 4;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
