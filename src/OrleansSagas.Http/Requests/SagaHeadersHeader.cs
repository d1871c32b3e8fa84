using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;

namespace OrleansSagas.Http.Requests;

/// <summary>The headers that a saga is given at its start, in the form of W3C baggage without properties: <c>tenant=acme, language=de%2DAT</c>.</summary>
internal static class SagaHeadersHeader
{
    public const string Name = "Saga-Headers";

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
            error = $"The {Name} header cannot be read: send printable ASCII characters, name=value pairs separated by commas, with the values percent-encoded.";
            return false;
        }

        foreach (var pair in text.Split(','))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at < 0 || !headers.TryAdd(pair[..at].Trim(' '), Uri.UnescapeDataString(pair[(at + 1)..].Trim(' '))))
            {
                error = $"The {Name} header cannot be read: send name=value pairs separated by commas, each name once, with the values percent-encoded.";
                return false;
            }
        }

        return true;
    }
}
