using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace OrleansSagas.Silo.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>.</summary>
internal static class SiloOpenApi
{
    public static IServiceCollection AddSiloOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "OrleansSagas",
                Version = "v1",
                Description = "Starts, steers and shows sagas. Refusals are problems (RFC 9457) with a stable type.",
            };
            // The document names no host: it is the same wherever the silo is reached.
            document.Servers?.Clear();
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(SagaId))
            {
                schema.Type = JsonSchemaType.String;
                schema.Pattern = "^[A-Za-z0-9._:-]{1,128}$";
            }
            return Task.CompletedTask;
        });
    });

    /// <summary>Maps the document, which is made once: it takes some fifty milliseconds, and whoever asks for it again and again would have them all.</summary>
    public static void MapSiloOpenApi(this IEndpointRouteBuilder endpoints)
    {
        var provider = endpoints.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1");
        var made = new Lazy<Task<byte[]>>(() => MakeAsync(provider));
        endpoints.MapGet("/openapi/v1.json", async context =>
        {
            var document = await made.Value;
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = document.Length;
            await context.Response.BodyWriter.WriteAsync(document);
        }).ExcludeFromDescription();
    }

    private static async Task<byte[]> MakeAsync(IOpenApiDocumentProvider provider)
    {
        var document = await provider.GetOpenApiDocumentAsync();
        await using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(new OpenApiJsonWriter(text));
        return System.Text.Encoding.UTF8.GetBytes(text.ToString());
    }
}
