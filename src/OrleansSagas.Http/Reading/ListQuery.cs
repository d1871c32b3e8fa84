using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Requests;
using OrleansSagas.Storage;

namespace OrleansSagas.Http.Reading;

internal static class ListQuery
{
    private const int MaxText = 128;
    private const int MaxCursor = 1024;
    private const int DefaultLimit = 50;

    public static bool TryRead(
        IQueryCollection parameters,
        int maxLimit,
        [NotNullWhen(true)] out SagaQuery? query,
        [NotNullWhen(false)] out string? error
    )
    {
        query = null;
        if (!TagQuery.TryRead(parameters["tag"], out var tags, out error))
            return false;

        var reader = new QueryReader(parameters);
        var read = new SagaQuery
        {
            Type = reader.Text("type", MaxText),
            Status = reader.Status("status"),
            CorrelationId = reader.Text("correlationId", MaxText),
            Tags = tags,
            StartedFrom = reader.Time("startedFrom"),
            StartedBefore = reader.Time("startedBefore"),
            After = reader.Text("after", MaxCursor),
            Limit = (int)(reader.Number("limit", 1, maxLimit) ?? DefaultLimit),
        };
        error = reader.Error;
        query = error is null ? read : null;
        return query is not null;
    }
}
