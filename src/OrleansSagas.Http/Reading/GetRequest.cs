using System.ComponentModel;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Reading;

/// <summary>What <c>GET /sagas/{id}</c> takes.</summary>
internal sealed record GetRequest(
    [FromRoute(Name = "id")] SagaId Id,
    [FromHeader(Name = PreferHeader.Name), Description("wait=N answers when the saga has ended, after N seconds at the latest.")]
        string? Prefer
) : SagaRequest, IBindableFromHttpContext<GetRequest>
{
    /// <summary>How long to wait for the end; null where it is not preferred.</summary>
    public TimeSpan? Wait { get; private init; }

    public static ValueTask<GetRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var reader = new RequestReader(context.Request);
        var prefer = context.Request.Headers[PreferHeader.Name];
        var maxWait = context.RequestServices.GetRequiredService<IOptions<SagaHttpOptions>>().Value.MaxWait;
        return new(new GetRequest(reader.Id(), prefer) { Wait = PreferHeader.ReadWait(prefer, maxWait), Refusal = reader.Refusal });
    }
}
