using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Requests;

/// <summary>Reads a request part by part, and keeps why the first part that cannot be read is refused.</summary>
internal ref struct RequestReader(HttpRequest request)
{
    private static readonly string[] Times = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    // A name: neither a number nor a list, which the framework would take for a status too.
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Null while everything could be read.</summary>
    public SagaProblem? Refusal { get; private set; }

    /// <summary>The saga that the path names.</summary>
    public SagaId Id()
    {
        var text = request.RouteValues["id"] as string;
        if (!SagaId.TryParse(text, out var id))
            Refuse(Problem.BadId(text));
        return id;
    }

    public string? IdempotencyKey()
    {
        if (!IdempotencyKeyHeader.TryRead(request.Headers[IdempotencyKeyHeader.Name], out var key, out var error))
            Refuse(Problem.InvalidRequest(error));
        return key;
    }

    public string? Text(string name, int max)
    {
        if (!request.QueryString.HasValue)
            return null;
        var values = request.Query[name];
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

    /// <summary>Refuses the request, unless that was done before, or <paramref name="why"/> is null.</summary>
    public void Refuse(SagaProblem? why) => Refusal ??= why;

    private string? Fail(string name, string why)
    {
        Refuse(Problem.InvalidRequest($"The query parameter '{name}' {why}."));
        return null;
    }
}
