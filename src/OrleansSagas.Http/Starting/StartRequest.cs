using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Starting;

/// <summary>What the path, the query and the headers of a start say.</summary>
internal readonly record struct StartRequest(
    string Type,
    int? Version,
    SagaId? Id,
    string? RequestId,
    string? CorrelationId,
    TimeSpan? Wait,
    Dictionary<string, string>? Headers
)
{
    private const int MaxType = 128;
    private const int MaxCorrelationId = 128;
    private const string CorrelationIdHeader = "Correlation-Id";

    public static bool TryRead(HttpContext context, TimeSpan maxWait, out StartRequest start, [NotNullWhen(false)] out SagaProblem? problem)
    {
        start = default;
        var request = context.Request;
        var headers = request.Headers;
        var type = (string)request.RouteValues["type"]!;
        if (type.Length > MaxType)
        {
            problem = Problem.UnknownType(type);
            return false;
        }
        problem = JsonContentType.Refusal(request);
        if (problem is not null)
            return false;
        if (
            !TryReadQuery(request, out var version, out var id, out problem)
            || !TryReadCorrelationId(headers, out var correlationId, out problem)
        )
            return false;
        if (!IdempotencyKeyHeader.TryRead(headers[IdempotencyKeyHeader.Name], out var requestId, out var error))
        {
            problem = Problem.InvalidRequest(error);
            return false;
        }

        if (!SagaHeadersHeader.TryRead(headers[SagaHeadersHeader.Name], out var sagaHeaders, out error))
        {
            problem = Problem.InvalidRequest(error);
            return false;
        }

        start = new(type, version, id, requestId, correlationId, PreferHeader.ReadWait(headers[PreferHeader.Name], maxWait), sagaHeaders);
        return true;
    }

    private static bool TryReadQuery(HttpRequest request, out int? version, out SagaId? id, [NotNullWhen(false)] out SagaProblem? problem)
    {
        (version, id, problem) = (null, null, null);
        if (!request.QueryString.HasValue)
            return true;

        var query = new QueryReader(request.Query);
        version = (int?)query.Number("version", 1, int.MaxValue);
        var text = query.Text("id", int.MaxValue);
        if (query.Error is not null)
            problem = Problem.InvalidRequest(query.Error);
        else if (text is not null && SagaId.TryParse(text, out var parsed))
            id = parsed;
        else if (text is not null)
            problem = Problem.BadId(text);
        return problem is null;
    }

    private static bool TryReadCorrelationId(
        IHeaderDictionary headers,
        out string? correlationId,
        [NotNullWhen(false)] out SagaProblem? problem
    )
    {
        (correlationId, problem) = (null, null);
        var values = headers[CorrelationIdHeader];
        if (values.Count == 0)
            return true;
        if (values.Count == 1 && PrintableAscii.Is(values[0], MaxCorrelationId))
            correlationId = values[0];
        else
            problem = Problem.InvalidRequest(
                $"The {CorrelationIdHeader} header cannot be read: send one value of 1 to {MaxCorrelationId} printable ASCII characters."
            );
        return problem is null;
    }
}
