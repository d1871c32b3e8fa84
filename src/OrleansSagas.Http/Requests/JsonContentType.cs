using Microsoft.Net.Http.Headers;

namespace OrleansSagas.Http.Requests;

internal static class JsonContentType
{
    private const string Json = "application/json";

    /// <summary>Whether a body of this type is JSON in UTF-8. A browser sends it to another site only where that site allows it.</summary>
    public static bool Matches(string? contentType)
    {
        if (string.Equals(contentType, Json, StringComparison.OrdinalIgnoreCase))
            return true;
        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }
}
