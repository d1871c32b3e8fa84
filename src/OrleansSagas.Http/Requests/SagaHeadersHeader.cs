using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.Extensions.Primitives;

namespace OrleansSagas.Http.Requests;

/// <summary>
/// The headers that a saga is given at its start, in the form of W3C baggage without properties: <c>tenant=acme, language=de%2DAT</c>.
/// </summary>
internal static class SagaHeadersHeader
{
    public const string Name = "Saga-Headers";

    private static readonly SearchValues<char> MustBeEncoded = SearchValues.Create(" \";\\");

    private const int MaxText = 32 * 1024;

    /// <summary>Reads them; null for none. How many and how long they may be is the engine's affair.</summary>
    public static bool TryRead(StringValues values, out Dictionary<string, string>? headers, [NotNullWhen(false)] out string? error)
    {
        (headers, error) = (null, null);
        if (values.Count == 0)
            return true;
        headers = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = values.ToString();
        if (text.Length == 0 || !PrintableAscii.Is(text, MaxText))
        {
            error =
                $"The {Name} header cannot be read: send printable ASCII characters, name=value pairs separated by commas, with the "
                + "values percent-encoded.";
            return false;
        }

        foreach (var pair in text.Split(','))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at < 0 || Decode(pair.AsSpan(at + 1).Trim(' ')) is not { } value || !headers.TryAdd(pair[..at].Trim(' '), value))
            {
                error =
                    $"The {Name} header cannot be read: send name=value pairs separated by commas, each name once, with the values as "
                    + "percent-encoded UTF-8.";
                return false;
            }
        }

        return true;
    }

    /// <summary>The value; null where it has a character that must be encoded, or an escape that is none.</summary>
    private static string? Decode(ReadOnlySpan<char> text)
    {
        if (text.ContainsAny(MustBeEncoded))
            return null;
        var bytes = new byte[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
                bytes[count++] = (byte)text[i];
            else if (
                i + 2 < text.Length
                && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[count++])
            )
                i += 2;
            else
                return null;
        }

        return Utf8.IsValid(bytes.AsSpan(0, count)) ? Encoding.UTF8.GetString(bytes, 0, count) : null;
    }
}
