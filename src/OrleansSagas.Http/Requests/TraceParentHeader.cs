using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace OrleansSagas.Http.Requests;

internal static class TraceParentHeader
{
    private const int MaxLength = 128;

    /// <summary>
    /// The W3C trace parent of the request: that of the activity that the host began for it, else the header; null for none that is
    /// well-formed.
    /// </summary>
    public static string? Read(HttpRequest request)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            return activity.Id;
        var header = request.Headers.TraceParent;
        return header.Count == 1 && header[0] is { Length: <= MaxLength } text && ActivityContext.TryParse(text, null, out _) ? text : null;
    }
}
