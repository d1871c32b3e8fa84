using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Verbs;

/// <summary>What each <c>POST /sagas/{id}/{verb}</c> takes.</summary>
internal sealed record VerbRequest(
    [FromRoute(Name = "id")] SagaId Id,
    [
        FromHeader(Name = IdempotencyKeyHeader.Name),
        Description("1 to 255 printable ASCII characters in quotes: a repeat does nothing more.")
    ]
        string? RequestId,
    [FromBody] OperatorRequest? Body
) : SagaRequest, IBindableFromHttpContext<VerbRequest>
{
    /// <summary>The body as it was sent; empty for none.</summary>
    public byte[] Bytes { get; private init; } = [];

    public static async ValueTask<VerbRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var request = context.Request;
        // A body may be left out; but one of another kind is refused even when it is empty, so that a web form sends nothing.
        var notJson = JsonContentType.Refusal(request);
        var verb = ReadHead(request, string.IsNullOrEmpty(request.ContentType) ? null : notJson);
        if (verb.Refusal is not null)
            return verb;
        var (bytes, refusal) = await context.RequestServices.GetRequiredService<BodyReader>().ReadAsync(request);
        refusal ??= bytes.Length > 0 ? notJson : null;
        if (refusal is not null || bytes.Length == 0)
            return verb with { Refusal = refusal };
        try
        {
            return verb with { Body = JsonSerializer.Deserialize(bytes, SagaJsonContext.Default.OperatorRequest), Bytes = bytes };
        }
        catch (JsonException)
        {
            return verb with
            {
                Refusal = Problem.InvalidRequest(
                    "The body cannot be read. Send a JSON object with the texts actor, reason and step, each of which may be left out."
                ),
            };
        }
    }

    private static VerbRequest ReadHead(HttpRequest request, SagaProblem? notJson)
    {
        var reader = new RequestReader(request);
        var (id, requestId) = (reader.Id(), reader.IdempotencyKey());
        reader.Refuse(notJson);
        return new(id, requestId, null) { Refusal = reader.Refusal };
    }
}
