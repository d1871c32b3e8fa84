using System.Text.Json;

namespace OrleansSagas.EndToEnd.Tests.Hostile.Talking;

/// <summary>What every answer must be like, whatever was asked.</summary>
internal static class Decency
{
    private const int LongestProblem = 4_000;

    /// <summary>What the inside is made of: nothing of it may be told to a caller.</summary>
    private static readonly string[] Inside =
    [
        "   at ",
        "Exception",
        "System.",
        "Microsoft.",
        "OrleansSagas.",
        "Kestrel",
        "MinRequestBodyDataRate",
        "SQLite",
        "Nullable`",
    ];

    /// <summary>What is wrong with <paramref name="answer"/>; null if nothing is.</summary>
    public static string? Problem(RawAnswer answer)
    {
        // A version of HTTP that is not spoken (505) is the caller's doing.
        if (answer.Status >= 500 && answer.Status != 505 && !(answer.Status == 503 && answer.Headers.ContainsKey("retry-after")))
            return $"it is a {answer.Status}";
        if (answer.Status < 400)
            return
                answer.Headers.GetValueOrDefault("content-type", "").StartsWith("application/json", StringComparison.Ordinal)
                && !IsReadable(answer.Body)
                ? "its body cannot be read as JSON"
                : null;
        // What Kestrel refuses before anything of ours sees it has no body, and ends the connection.
        if (answer.Body.Length == 0)
            return answer.Headers.GetValueOrDefault("connection") == "close" || answer.Headers.ContainsKey("content-type")
                ? null
                : "it has no body, and was not refused by the server below us";
        if (Inside.FirstOrDefault(word => answer.Text.Contains(word, StringComparison.Ordinal)) is { } told)
            return $"it tells of the inside: '{told}'";
        if (answer.Body.Length > LongestProblem)
            return $"it has {answer.Body.Length} bytes";
        return answer.Headers.GetValueOrDefault("content-type") == "application/problem+json"
            ? OfProblem(answer)
            : $"it is a {answer.Headers.GetValueOrDefault("content-type")}, not a problem";
    }

    private static string? OfProblem(RawAnswer answer)
    {
        if (!IsReadable(answer.Body))
            return "its problem cannot be read as JSON";
        using var document = JsonDocument.Parse(answer.Body);
        var problem = document.RootElement;
        return Text("type") is null || Text("title") is null || Text("detail") is null ? "its problem lacks a member"
            : problem.GetProperty("status").GetInt32() != answer.Status ? "its problem has another status"
            : null;

        string? Text(string name) => problem.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : null;
    }

    /// <summary>Whether a strict reader with the usual bounds takes it, down to each text.</summary>
    private static bool IsReadable(byte[] json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    _ = reader.GetString();
            }
            return true;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
