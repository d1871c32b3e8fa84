using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http;

internal static class JsonAnswer
{
    public static async Task WriteAsync<T>(HttpContext context, EndpointServices services, int status, T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var isLarge = json.Length > LargeResponseWriter.Small;
        if (isLarge && !services.LargeResponseWriter.TryEnter(json.Length))
        {
            await Problem
                .Overloaded(
                    "Too many large answers are on their way",
                    "The room for answers that leave is taken. Repeat the request, with the same Idempotency-Key."
                )
                .WriteAsync(context);
            return;
        }

        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = json.Length;
        if (isLarge)
            await services.LargeResponseWriter.WriteAsync(context, json);
        else
            await response.BodyWriter.WriteAsync(json);
    }
}
