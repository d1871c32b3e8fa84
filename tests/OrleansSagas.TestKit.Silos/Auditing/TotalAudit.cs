using OrleansSagas.TestKit.Silos.Loading;

namespace OrleansSagas.TestKit.Silos.Auditing;

/// <summary>What must hold of all sagas together when everything is over. Pure.</summary>
internal static class TotalAudit
{
    /// <summary>What is listed is what was acknowledged, and of what was not acknowledged at most one saga each.</summary>
    public static IEnumerable<string> ListProblems(IReadOnlyCollection<SagaSummary> listed, IReadOnlyCollection<Promise> promises)
    {
        var keys = promises.Select(promise => promise.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var twice in listed.GroupBy(saga => saga.Id).Where(same => same.Count() > 1))
            yield return $"Saga {twice.Key} is listed {twice.Count()} times.";
        foreach (var request in listed.GroupBy(saga => saga.CorrelationId))
        {
            if (request.Key is null || !keys.Contains(request.Key))
                yield return $"Saga {request.First().Id} is of request {request.Key}, which nobody sent.";
            if (request.Count() != 1)
                yield return $"Request {request.Key} started {request.Count()} sagas: "
                    + $"{string.Join(", ", request.Select(saga => saga.Id))}.";
        }
        var ids = listed.ToLookup(saga => saga.Id);
        foreach (var promise in promises.Where(promise => promise.Saga is not null))
        {
            var saga = ids[promise.Saga!.Value].FirstOrDefault();
            if (saga?.CorrelationId != promise.Key)
                yield return $"Saga {promise.Saga} ({promise.Kind}) was acknowledged for request {promise.Key}, and is "
                    + $"{(saga is null ? "not listed" : $"listed as of request {saga.CorrelationId}")}.";
        }
    }

    /// <summary>The books add up, and have as many complete orders as there are completed sagas.</summary>
    public static IEnumerable<string> BooksProblems(BooksSummary books, IReadOnlyCollection<SagaRecord> sagas)
    {
        var excused = sagas.Count(saga => saga.MayLeaveEffects);
        if (books is not { Conserved: true, Doubled: 0 } || books.Open > excused || books.HoldsOpen > excused)
            yield return $"The books were to be conserved, with nothing doubled, and nothing open but of {excused} sagas that an "
                + $"operator ended so; they are: {books}, {string.Join(" ", books.Problems)}";
        var completed = sagas.Count(saga => saga.View.Status == SagaStatus.Completed);
        var complete = books.Complete - sagas.Count(saga => saga.View.Status == SagaStatus.Terminated && saga.Books is { Complete: true });
        if (complete != completed)
            yield return $"The books have {complete} complete orders, and {completed} sagas are completed.";
        var withEffects = sagas.Count(saga => saga.Effects.Count > 0);
        if (books.Orders != withEffects)
            yield return $"The books have effects of {books.Orders} orders, and {withEffects} sagas have some.";
    }
}
