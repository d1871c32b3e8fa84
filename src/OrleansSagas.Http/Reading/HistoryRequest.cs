using System.ComponentModel;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Reading;

/// <summary>What <c>GET /sagas/{id}/history</c> takes.</summary>
internal sealed record HistoryRequest(
    [FromRoute(Name = "id")] SagaId Id,
    [FromQuery(Name = "after"), Description("Only what came after this revision.")] long? After,
    [FromQuery(Name = "limit"), Description("At most so many entries, 1 to 1000. Default: 100.")] int? Limit
) : SagaRequest, IBindableFromHttpContext<HistoryRequest>
{
    private const int MaxLimit = 1000;

    public static ValueTask<HistoryRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var reader = new RequestReader(context.Request);
        var (id, after, limit) = (reader.Id(), reader.Number("after", 0, long.MaxValue), reader.Number("limit", 1, MaxLimit));
        return new(new HistoryRequest(id, after, (int?)limit) { Refusal = reader.Refusal });
    }
}
