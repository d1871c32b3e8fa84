using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;

namespace OrleansSagas.Http.Requests;

/// <summary>The <c>Idempotency-Key</c> of the IETF draft: a structured-field string. A bare token is taken as well.</summary>
internal static class IdempotencyKeyHeader
{
    public const string Name = "Idempotency-Key";
    public const int MaxLength = 255;

    /// <summary>
    /// Reads the header; <paramref name="key"/> is null when there is none. False, with what is wrong, when there is one that cannot be
    /// read.
    /// </summary>
    public static bool TryRead(in StringValues header, out string? key, [NotNullWhen(false)] out string? error)
    {
        (key, error) = (null, null);
        if (header.Count == 0)
            return true;
        if (header.Count > 1)
            error = "it was sent more than once";
        else
            error = Parse(header[0].AsSpan().Trim(" \t"), out key);

        if (error is not null)
            error =
                $"The {Name} header cannot be read: {error}. Send one string in quotes of 1 to {MaxLength} printable ASCII characters, "
                + $"such as {Name}: \"8e03978e-40d5-43dd-bc93-6894a57f9324\".";
        return error is null;
    }

    private static string? Parse(ReadOnlySpan<char> text, out string? key)
    {
        key = null;
        if (text.IsEmpty)
            return "it is empty";
        // Each character of the key takes at most two here, and there are two quotes.
        if (text.Length > 2 * MaxLength + 2)
            return $"it has {text.Length} characters";
        return text[0] == '"' ? ParseQuoted(text, out key) : ParseBare(text, out key);
    }

    private static string? ParseQuoted(ReadOnlySpan<char> text, out string? key)
    {
        key = null;
        Span<char> unescaped = stackalloc char[2 * MaxLength + 2];
        var length = 0;
        for (var i = 1; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"')
            {
                if (i != text.Length - 1)
                    return "something follows the closing quote";
                return Checked(unescaped[..length], out key);
            }
            if (c == '\\' && (++i == text.Length || (c = text[i]) is not ('"' or '\\')))
                return "a backslash is followed by something else than a quote or a backslash";
            if (c is < ' ' or > '~')
                return "it has a character that is not printable ASCII";
            unescaped[length++] = c;
        }
        return "the closing quote is missing";
    }

    private static string? ParseBare(ReadOnlySpan<char> text, out string? key)
    {
        key = null;
        foreach (var c in text)
        {
            if (c is <= ' ' or > '~' or '"' or '\\' or ',' or ';')
                return "it has a character that is allowed in quotes only, or not at all";
        }
        return Checked(text, out key);
    }

    private static string? Checked(ReadOnlySpan<char> value, out string? key)
    {
        key = null;
        if (value.IsEmpty)
            return "it is empty";
        if (value.Length > MaxLength)
            return $"it has {value.Length} characters";
        key = value.ToString();
        return null;
    }
}
