using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Events;

/// <summary>What <c>GET /sagas/{id}/events</c> takes.</summary>
internal sealed record WatchRequest(
    [FromRoute(Name = "id")] SagaId Id,
    [FromHeader(Name = WatchRequest.Header), Description("The revision that was seen last; goes before 'after'.")] long? LastEventId,
    [FromQuery(Name = "after"), Description("Only what comes after this revision. Default: from the beginning.")] long? After
) : SagaRequest, IBindableFromHttpContext<WatchRequest>
{
    private const string Header = "Last-Event-ID";

    /// <summary>The revision after which the stream goes on.</summary>
    public long From => LastEventId ?? After ?? 0;

    public static ValueTask<WatchRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var reader = new RequestReader(context.Request);
        var id = reader.Id();
        var header = context.Request.Headers[Header];
        if (header.Count == 0)
            return new(new WatchRequest(id, null, reader.Number("after", 0, long.MaxValue)) { Refusal = reader.Refusal });

        if (!long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            reader.Refuse(
                Problem.InvalidRequest($"The {Header} header cannot be read: send the id of the last event that was seen, a whole number.")
            );
        return new(new WatchRequest(id, last, null) { Refusal = reader.Refusal });
    }
}
