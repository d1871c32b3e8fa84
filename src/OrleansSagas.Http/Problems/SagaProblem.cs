using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace OrleansSagas.Http.Problems;

/// <summary>A refusal (RFC 9457) as an answer. Its type is one of <see cref="SagaProblems"/>, or <c>about:blank</c> where the status code
/// says it all.</summary>
public sealed class SagaProblem : ProblemDetails, IResult
{
    /// <summary>The media type of a problem.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>Makes a problem.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="type">The kind of problem, as a URI.</param>
    /// <param name="title">The kind of problem in words, the same for each problem of its type.</param>
    /// <param name="detail">What was wrong this time and what to do, for a person.</param>
    public SagaProblem(int status, string type, string title, string detail) =>
        (Status, Type, Title, Detail) = (status, type, title, detail);

    /// <summary>When to try again, for the header Retry-After; null where that does not help.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The saga that was meant; null for none.</summary>
    public string? SagaId { get; init; }

    /// <summary>The saga type that was meant; null for none.</summary>
    public string? SagaType { get; init; }

    /// <summary>What to look for in the log; null for nothing.</summary>
    public string? TraceId { get; init; }

    /// <summary>Answers the request with this problem, whatever it accepts. Headers that are set already are kept.</summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, ProblemJsonContext.Readable.SagaProblem);
        var response = httpContext.Response;
        response.StatusCode = Status!.Value;
        response.ContentType = ContentType;
        response.ContentLength = json.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        if (RetryAfter is { } after)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.BodyWriter.WriteAsync(json);
    }
}
