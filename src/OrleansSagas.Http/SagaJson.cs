using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http;

/// <summary>
/// An answer in JSON. Not the framework's: that streams what it writes, of which neither the length nor the room that it takes is known.
/// </summary>
internal sealed class SagaJson<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) : IResult, IEndpointMetadataProvider
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var large = json.Length > LargeResponseWriter.Small ? httpContext.RequestServices.GetRequiredService<LargeResponseWriter>() : null;
        if (large?.TryEnter(json.Length) == false)
        {
            await Problem
                .Overloaded(
                    "Too many large answers are on their way",
                    "The room for answers that leave is taken. Repeat the request, with the same Idempotency-Key."
                )
                .ExecuteAsync(httpContext);
            return;
        }

        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = json.Length;
        if (large is not null)
            await large.WriteAsync(httpContext, json);
        else
            await response.BodyWriter.WriteAsync(json);
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
}
