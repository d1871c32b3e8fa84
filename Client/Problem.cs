using System.Text.Json;

namespace OrleansSagas.Client;

/// <summary>What can be read of a problem document (RFC 9457); all null where the body is none.</summary>
internal readonly record struct Problem(string? Type, string? Title, string? Detail, SagaId? Saga)
{
    public static async ValueTask<Problem> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var mediaType = content.Headers.ContentType?.MediaType;
        if (mediaType is null || !mediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase))
            return default;
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new Problem(
                    Text(root, "type"),
                    Text(root, "title"),
                    Text(root, "detail"),
                    SagaId.TryParse(Text(root, "sagaId"), out var id) ? id : null
                )
                : default;
        }
        catch (JsonException)
        {
            return default; // the status code says what there is to say
        }
    }

    private static string? Text(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // a lone surrogate: no text
        }
    }
}
