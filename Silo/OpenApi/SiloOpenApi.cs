using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace OrleansSagas.Silo.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>.</summary>
internal static class SiloOpenApi
{
    public static IServiceCollection AddSiloOpenApi(this IServiceCollection services) =>
        services
            .AddOutputCache()
            .AddOpenApi(
                "v1",
                options =>
                {
                    options.AddDocumentTransformer(
                        (document, _, _) =>
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
                        }
                    );
                    options.AddSchemaTransformer(
                        (schema, context, _) =>
                        {
                            if (context.JsonTypeInfo.Type == typeof(SagaId))
                            {
                                schema.Type = JsonSchemaType.String;
                                schema.Pattern = "^[A-Za-z0-9._:-]{1,128}$";
                            }
                            return Task.CompletedTask;
                        }
                    );
                }
            );

    public static void MapSiloOpenApi(this IEndpointRouteBuilder endpoints) =>
        // No other document: the framework says that there is none in plain text.
        endpoints.MapOpenApi("/openapi/{documentName:regex(^v1$)}.json").CacheOutput(policy => policy.AddPolicy<DocumentCache>(), true);
}
