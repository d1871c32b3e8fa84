using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Problems;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Events;

/// <summary>
/// Where a stream goes on: after the <c>Last-Event-ID</c> header, else after the query's <c>after</c>, else from the beginning.
/// </summary>
internal static class LastEventId
{
    public const string Header = "Last-Event-ID";

    public static bool TryRead(HttpRequest request, out long after, [NotNullWhen(false)] out SagaProblem? problem)
    {
        problem = null;
        var header = request.Headers[Header];
        if (header.Count > 0)
        {
            if (header.Count > 1 || !long.TryParse(header[0], NumberStyles.None, CultureInfo.InvariantCulture, out after))
            {
                after = 0;
                problem = Problem.InvalidRequest(
                    $"The {Header} header cannot be read: send the id of the last event that was seen, a whole number."
                );
            }
            return problem is null;
        }

        var query = new QueryReader(request.Query);
        after = query.Number("after", 0, long.MaxValue) ?? 0;
        if (query.Error is not null)
            problem = Problem.InvalidRequest(query.Error);
        return problem is null;
    }
}
