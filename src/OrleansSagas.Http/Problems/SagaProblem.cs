using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OrleansSagas.Http.Problems;

/// <summary>A refusal as it is answered over HTTP (RFC 9457).</summary>
/// <param name="Status">The status code.</param>
/// <param name="Type">One of <see cref="SagaProblems"/>, or <c>about:blank</c> where the status code says it all.</param>
/// <param name="Title">The kind of problem, the same for each problem of its type.</param>
/// <param name="Detail">What was wrong this time and what to do, for a person.</param>
public sealed record SagaProblem(int Status, string Type, string Title, string Detail)
{
    // Quotes stay readable. The answer is never taken for HTML: its type is set, and sniffing is forbidden.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The media type of a problem.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>When to try again; null where that does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The saga that was meant; null for none.</summary>
    public string? SagaId { get; init; }

    /// <summary>The saga type that was meant; null for none.</summary>
    public string? SagaType { get; init; }

    /// <summary>What to look for in the log; null for nothing.</summary>
    public string? TraceId { get; init; }

    /// <summary>Answers the request with this problem. Headers that are set already are kept.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var json = ToJson();
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.ContentLength = json.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        if (RetryAfter is { } after)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.BodyWriter.WriteAsync(json);
    }

    internal byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, Type);
            json.WriteString("title"u8, Title);
            json.WriteNumber("status"u8, Status);
            json.WriteString("detail"u8, Detail);
            WriteIfThere(json, "sagaId", SagaId);
            WriteIfThere(json, "sagaType", SagaType);
            WriteIfThere(json, "traceId", TraceId);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void WriteIfThere(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }
}
