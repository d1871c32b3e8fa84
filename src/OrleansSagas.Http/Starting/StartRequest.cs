using System.ComponentModel;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Starting;

/// <summary>What <c>POST /sagas/{type}</c> takes.</summary>
internal sealed record StartRequest(
    [FromRoute(Name = "type"), Description("The saga type.")] string Type,
    [FromQuery(Name = "id"), Description("The saga's id: 1 to 128 of A-Z a-z 0-9 . _ : - . Default: a fresh one.")] SagaId? Id,
    [FromQuery(Name = "version"), Description("The version of the definition. Default: the newest.")] int? Version,
    [
        FromHeader(Name = IdempotencyKeyHeader.Name),
        Description("1 to 255 printable ASCII characters in quotes: a repeat names the same saga.")
    ]
        string? RequestId,
    [FromHeader(Name = StartRequest.CorrelationIdHeader), Description("1 to 128 printable ASCII characters.")] string? CorrelationId,
    [
        FromHeader(Name = SagaHeadersHeader.Name),
        Description(
            "What every step gets beside the data: name=value pairs separated by commas, the values percent-encoded, 8 KiB at most."
        )
    ]
        string? SagaHeaders,
    [FromHeader(Name = PreferHeader.Name), Description("wait=N answers when the saga has ended, after N seconds at the latest.")]
        string? Prefer,
    [FromBody] SagaData Data
) : SagaRequest, IBindableFromHttpContext<StartRequest>
{
    private const int MaxType = 128;
    private const int MaxCorrelationId = 128;
    private const string CorrelationIdHeader = "Correlation-Id";

    /// <summary>What every step gets beside the data; null for nothing.</summary>
    public Dictionary<string, string>? Headers { get; private init; }

    /// <summary>How long to wait for the end; null where it is not preferred.</summary>
    public TimeSpan? Wait { get; private init; }

    public static async ValueTask<StartRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var services = context.RequestServices;
        var start = ReadHead(context.Request, services.GetRequiredService<IOptions<SagaHttpOptions>>().Value.MaxWait);
        if (start.Refusal is not null)
            return start;
        var (body, refusal) = await services.GetRequiredService<BodyReader>().ReadAsync(context.Request);
        if (refusal is null && body.Length == 0)
            refusal = Problem.InvalidRequest("The body is empty. Send the saga's data as JSON, {} where it has none.");
        return start with { Data = new(body), Refusal = refusal };
    }

    private static StartRequest ReadHead(HttpRequest request, TimeSpan maxWait)
    {
        var reader = new RequestReader(request);
        var type = (string)request.RouteValues["type"]!;
        reader.Refuse(type.Length > MaxType ? Problem.UnknownType(type) : JsonContentType.Refusal(request));
        var version = reader.Number("version", 1, int.MaxValue);
        var id = ReadId(ref reader);
        var correlationId = ReadCorrelationId(request.Headers[CorrelationIdHeader], ref reader);
        var requestId = reader.IdempotencyKey();
        var (sent, prefer) = (request.Headers[SagaHeadersHeader.Name], request.Headers[PreferHeader.Name]);
        if (!SagaHeadersHeader.TryRead(sent, out var headers, out var error))
            reader.Refuse(Problem.InvalidRequest(error));
        return new(type, id, (int?)version, requestId, correlationId, sent, prefer, default)
        {
            Headers = headers,
            Wait = PreferHeader.ReadWait(prefer, maxWait),
            Refusal = reader.Refusal,
        };
    }

    private static SagaId? ReadId(ref RequestReader reader)
    {
        if (reader.Text("id", int.MaxValue) is not { } text)
            return null;
        if (SagaId.TryParse(text, out var id))
            return id;
        reader.Refuse(Problem.BadId(text));
        return null;
    }

    private static string? ReadCorrelationId(in StringValues values, ref RequestReader reader)
    {
        if (values.Count > 1 || (values.Count == 1 && !PrintableAscii.Is(values[0], MaxCorrelationId)))
            reader.Refuse(
                Problem.InvalidRequest(
                    $"The {CorrelationIdHeader} header cannot be read: send one value of 1 to {MaxCorrelationId} printable ASCII "
                        + "characters."
                )
            );
        return values;
    }
}
