using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OrleansSagas.TestKit.Silos.Loading;

namespace OrleansSagas.TestKit.Silos.Auditing;

/// <summary>Holds what the silo has against what it has said, after all is over.</summary>
internal sealed class Audit(
    ISagaClient sagas,
    HttpClient http,
    IReadOnlyCollection<Promise> promises,
    IReadOnlyCollection<Deed> deeds,
    Wrongs wrongs
)
{
    private const int AtOnce = 8;
    private const int ReusedKeys = 50;

    private readonly Dictionary<string, Promise> _promises = promises.ToDictionary(promise => promise.Key);
    private readonly ILookup<SagaId, Deed> _deeds = deeds.ToLookup(deed => deed.Saga);
    private readonly ConcurrentQueue<SagaRecord> _records = new();

    public int Sagas => _records.Count;

    public override string ToString() =>
        string.Join(", ", _records.GroupBy(saga => saga.View.Status).OrderBy(end => end.Key).Select(end => $"{end.Count()} {end.Key}"))
        + $"; {_records.Count(HasRunOut)} of them undone because crashes or a full disk used up the attempts of a step";

    private static bool HasRunOut(SagaRecord saga) =>
        OrderMix.CanComplete(saga.Promise.Kind) && saga.View.Status is SagaStatus.Compensated or SagaStatus.Failed && saga.RanOutOfAttempts;

    public async Task RunAsync()
    {
        var listed = await ListAsync();
        wrongs.AddAll(TotalAudit.ListProblems(listed, promises));
        await EachAsync(listed, CheckSagaAsync);
        var repeatable = promises.Where(CanRepeat).ToList();
        await EachAsync(repeatable, RepeatAsync);
        await EachAsync(deeds, RepeatAsync);
        await EachAsync(promises.Where(promise => promise.Saga is not null).Take(ReusedKeys), ReuseAsync);
        var neverStarted = repeatable.Select(promise => promise.Key).Except(listed.Select(saga => saga.CorrelationId)).Count();
        wrongs.Unless(
            (await ListAsync()).Count == listed.Count + neverStarted,
            "Repeating the requests that had started a saga started another one."
        );
        // What the audit's own repeats started is no part of the records: it is asked for once more.
        var all = neverStarted == 0 ? _records : await WithLateAsync(listed);
        wrongs.AddAll(TotalAudit.BooksProblems((await http.GetFromJsonAsync<BooksSummary>(new Uri("shop/books", UriKind.Relative)))!, all));
    }

    private async Task<List<SagaSummary>> ListAsync() => await sagas.ListAsync(new() { PageSize = 1000 }).ToListAsync();

    private async Task<IReadOnlyCollection<SagaRecord>> WithLateAsync(List<SagaSummary> before)
    {
        var known = before.Select(saga => saga.Id).ToHashSet();
        await EachAsync((await ListAsync()).Where(saga => !known.Contains(saga.Id)), CheckSagaAsync);
        return _records;
    }

    private async Task CheckSagaAsync(SagaSummary listed)
    {
        if (listed.CorrelationId is null || !_promises.TryGetValue(listed.CorrelationId, out var promise))
            return;
        var saga = sagas.Get(listed.Id);
        var record = new SagaRecord(
            promise,
            listed,
            await saga.GetAsync(),
            await saga.HistoryAsync().ToListAsync(),
            await BooksAsync(listed.Id),
            [.. _deeds[listed.Id]]
        );
        _records.Enqueue(record);
        wrongs.Add(promise.See(record.View));
        foreach (var problem in SagaAudit.Problems(record))
            wrongs.Add($"Saga {listed.Id} ({promise.Kind}): {problem}. {record}");
    }

    /// <summary>Not what would be started only now and then wait for an operator.</summary>
    private static bool CanRepeat(Promise promise) => promise.Saga is not null || promise.Kind != OrderKind.UndoFails;

    /// <summary>A repeat names the same saga, and the same end of it.</summary>
    private async Task RepeatAsync(Promise promise) =>
        wrongs.Add(promise.See(await sagas.StartAndWaitAsync("order", promise.Order, promise.Options, TimeSpan.FromSeconds(60))));

    private async Task RepeatAsync(Deed deed)
    {
        try
        {
            var view = await sagas.Get(deed.Saga).ActAsync(deed.Verb, deed.Request, deed.RequestId);
            wrongs.Unless(
                deed.IsDone && view.Id == deed.Saga,
                $"{deed.Verb} of saga {deed.Saga} with request id {deed.RequestId} was {(deed.IsDone ? "done" : "refused")}; a repeat "
                    + $"of it is done, to saga {view.Id}."
            );
        }
        catch (SagaNotPossibleException refused)
        {
            wrongs.Unless(
                !deed.IsDone,
                $"{deed.Verb} of saga {deed.Saga} with request id {deed.RequestId} was done; a repeat of it is refused: {refused.Message}"
            );
        }
    }

    /// <summary>Another order under a key that was used is refused.</summary>
    private async Task ReuseAsync(Promise promise)
    {
        var other = (JsonObject)promise.Order.DeepClone();
        other["quantity"] = 999;
        try
        {
            var saga = await sagas.StartAsync("order", other, promise.Options);
            wrongs.Add($"Another order under the key of request {promise.Key} was to be refused; it was accepted as saga {saga.Id}.");
        }
        catch (IdempotencyKeyReusedException refused)
        {
            wrongs.Unless(
                refused.Status == HttpStatusCode.UnprocessableEntity,
                $"Another order under the key of request {promise.Key} was refused with {refused.Status}, not 422."
            );
        }
    }

    private async Task<OrderBooks?> BooksAsync(SagaId saga)
    {
        using var answer = await http.GetAsync(new Uri($"shop/books/{saga}", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<OrderBooks>();
    }

    private static Task EachAsync<T>(IEnumerable<T> all, Func<T, Task> checkAsync) =>
        Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (one, _) => await checkAsync(one));
}
