namespace OrleansSagas.Http.Requests;

internal static class PrintableAscii
{
    /// <summary>Whether <paramref name="text"/> is 1 to <paramref name="max"/> printable ASCII characters.</summary>
    public static bool Is(string? text, int max) =>
        text is { Length: > 0 } && text.Length <= max && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
