using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Requests;

internal static class JsonContentType
{
    private const string Json = "application/json";

    /// <summary>
    /// Why the body is not JSON as it is; null when it is. A body is never unpacked: what is small on the way may be huge here.
    /// </summary>
    public static SagaProblem? Refusal(HttpRequest request)
    {
        if (!Matches(request.ContentType))
            return Problem.UnsupportedMediaType(request.ContentType);
        var coding = request.Headers.ContentEncoding;
        return coding.Count == 0 || coding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase)
            ? null
            : Problem.UnsupportedEncoding(coding.ToString());
    }

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
