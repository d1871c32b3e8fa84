using System.ComponentModel;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Reading;

/// <summary>What <c>GET /sagas</c> takes.</summary>
internal sealed record ListRequest(
    [FromQuery(Name = "type")] string? Type,
    [FromQuery(Name = "status")] SagaStatus? Status,
    [FromQuery(Name = "correlationId")] string? CorrelationId,
    [FromQuery(Name = "tag"), Description("name:value; may be repeated.")] string[]? Tag,
    [FromQuery(Name = "startedFrom"), Description("Started then or later (ISO 8601).")] DateTimeOffset? StartedFrom,
    [FromQuery(Name = "startedBefore"), Description("Started before (ISO 8601).")] DateTimeOffset? StartedBefore,
    [FromQuery(Name = "limit"), Description("At most so many, 1 to 1000. Default: 50.")] int? Limit,
    [FromQuery(Name = "after"), Description("The 'next' of the page before.")] string? After
) : SagaRequest, IBindableFromHttpContext<ListRequest>
{
    private const int MaxText = 128;
    private const int MaxCursor = 1024;
    private const int MaxLimit = 1000;

    /// <summary>The tags as names and values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; private init; } = [];

    public static ValueTask<ListRequest?> BindAsync(HttpContext context, ParameterInfo parameter) => new(Read(context.Request));

    internal static ListRequest Read(HttpRequest request)
    {
        var reader = new RequestReader(request);
        var tag = request.Query["tag"];
        if (!TagQuery.TryRead(tag, out var tags, out var error))
            reader.Refuse(Problem.InvalidRequest(error));
        return new ListRequest(
            reader.Text("type", MaxText),
            reader.Status("status"),
            reader.Text("correlationId", MaxText),
            tag!,
            reader.Time("startedFrom"),
            reader.Time("startedBefore"),
            (int?)reader.Number("limit", 1, MaxLimit),
            reader.Text("after", MaxCursor)
        )
        {
            Tags = tags,
            Refusal = reader.Refusal,
        };
    }
}
