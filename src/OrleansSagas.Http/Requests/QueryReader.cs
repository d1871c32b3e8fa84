using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Requests;

/// <summary>Reads the parameters of a query string and keeps the first that cannot be read.</summary>
internal ref struct QueryReader(IQueryCollection query)
{
    private static readonly string[] Times = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    // A name: neither a number nor a list, which the framework would take for a status too.
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>What is wrong with the first parameter that cannot be read; null while nothing is.</summary>
    public string? Error { get; private set; }

    public string? Text(string name, int max)
    {
        var values = query[name];
        if (values.Count == 0)
            return null;
        if (values.Count > 1)
            return Fail(name, "is given more than once");
        var text = values[0];
        return string.IsNullOrEmpty(text) ? Fail(name, "is empty: leave it out")
            : text.Length > max ? Fail(name, $"has {text.Length} characters, more than the {max} that are possible")
            : text;
    }

    public long? Number(string name, long min, long max)
    {
        if (Text(name, 32) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        Fail(name, $"is '{text}': give a whole number from {min} to {max}");
        return null;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name, 64) is not { } text)
            return null;
        if (
            DateTimeOffset.TryParseExact(
                text,
                Times,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
        )
            return time;
        Fail(name, $"is '{text}': give a time in ISO 8601 such as 2026-01-31T12:00:00Z, a plus sign written as %2B");
        return null;
    }

    public SagaStatus? Status(string name)
    {
        if (Text(name, 32) is not { } text)
            return null;
        if (
            !text.AsSpan().ContainsAnyExcept(Letters)
            && Enum.TryParse<SagaStatus>(text, ignoreCase: true, out var status)
            && Enum.IsDefined(status)
        )
            return status;
        Fail(name, $"is '{text}': give one of {string.Join(", ", Enum.GetNames<SagaStatus>())}");
        return null;
    }

    private string? Fail(string name, string why)
    {
        Error ??= $"The query parameter '{name}' {why}.";
        return null;
    }
}
