using System.Buffers;
using System.Text;

namespace OrleansSagas.Client;

internal static class HeaderText
{
    public const int MaxRequestId = 255;
    public const int MaxCorrelationId = 128;
    private const int MaxHeaderName = 128;

    private static readonly SearchValues<char> HeaderName = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    );

    public static bool Fits(string text, int maxLength) =>
        text.Length > 0 && text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    public static void Check(string? text, int maxLength, string name)
    {
        if (text is not null && !Fits(text, maxLength))
            throw new ArgumentException(
                $"{name} has 1 to {maxLength} printable ASCII characters; this one has {text.Length} characters.",
                name
            );
    }

    /// <summary>A saga's headers in the form of W3C baggage; null for none.</summary>
    public static string? Join(IReadOnlyDictionary<string, string>? headers)
    {
        if (headers is not { Count: > 0 })
            return null;
        foreach (var (name, value) in headers)
        {
            if (name.Length is 0 or > MaxHeaderName || name.AsSpan().ContainsAnyExcept(HeaderName) || value is null || !IsUnicode(value))
                throw new ArgumentException(
                    $"A header has a name of 1 to {MaxHeaderName} characters of A-Z a-z 0-9 . _ - and a value that is Unicode; '{name}' "
                        + "does not.",
                    nameof(headers)
                );
        }

        return string.Join(",", headers.Select(header => $"{header.Key}={Uri.EscapeDataString(header.Value)}"));
    }

    private static bool IsUnicode(string text)
    {
        for (var rest = text.AsSpan(); rest.Length > 0; )
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != OperationStatus.Done)
                return false;
            rest = rest[length..];
        }

        return true;
    }

    // The Idempotency-Key is a structured field: a string in quotes (RFC 9651).
    public static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
