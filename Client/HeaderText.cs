namespace OrleansSagas.Client;

internal static class HeaderText
{
    public const int MaxRequestId = 255;
    public const int MaxCorrelationId = 128;

    public static bool Fits(string text, int maxLength) =>
        text.Length > 0 && text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    public static void Check(string? text, int maxLength, string name)
    {
        if (text is not null && !Fits(text, maxLength))
            throw new ArgumentException($"{name} has 1 to {maxLength} printable ASCII characters; this one has {text.Length} characters.", name);
    }

    // The Idempotency-Key is a structured field: a string in quotes (RFC 9651).
    public static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
