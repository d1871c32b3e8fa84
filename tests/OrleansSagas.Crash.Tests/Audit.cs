using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansSagas.Tests;

/// <summary>Holds what the silo has against what it has said, after all is over.</summary>
internal sealed class Audit(ISagaClient sagas, HttpClient http, IReadOnlyCollection<Promise> promises, IReadOnlyCollection<Deed> deeds, Wrongs wrongs)
{
    private const int AtOnce = 8;
    private const int ReusedKeys = 50;

    /// <summary>Of each step of the sample's order.</summary>
    private const int MaxAttempts = 8;

    private readonly Dictionary<string, Promise> _promises = promises.ToDictionary(promise => promise.Key);
    private readonly ILookup<SagaId, Deed> _deeds = deeds.ToLookup(deed => deed.Saga);
    private readonly ConcurrentDictionary<SagaStatus, int> _ends = new();
    private int _undoneByCrashes;

    public override string ToString() =>
        $"{string.Join(", ", _ends.OrderBy(end => end.Key).Select(end => $"{end.Value} {end.Key}"))}; {_undoneByCrashes} of them undone because crashes used up the attempts of a step";

    public async Task RunAsync()
    {
        var listed = await sagas.ListAsync(new() { PageSize = 1000 }).ToListAsync();
        CheckList(listed);
        await EachAsync(listed, CheckSagaAsync);
        await EachAsync(promises, RepeatAsync);
        await EachAsync(deeds, RepeatAsync);
        await EachAsync(promises.Where(promise => promise.Saga is not null).Take(ReusedKeys), ReuseAsync);
        wrongs.Unless(await sagas.ListAsync(new() { PageSize = 1000 }).CountAsync() == listed.Count + promises.Count(promise => listed.All(saga => saga.CorrelationId != promise.Key)),
            "Repeating the requests that had started a saga started another one.");
        await CheckBooksAsync();
    }

    /// <summary>What is listed is what was acknowledged, and of what was not acknowledged at most one saga each.</summary>
    private void CheckList(List<SagaSummary> listed)
    {
        foreach (var twice in listed.GroupBy(saga => saga.Id).Where(same => same.Count() > 1))
            wrongs.Add($"Saga {twice.Key} is listed {twice.Count()} times.");
        foreach (var request in listed.GroupBy(saga => saga.CorrelationId))
        {
            wrongs.Unless(request.Key is not null && _promises.ContainsKey(request.Key), $"Saga {request.First().Id} is of request {request.Key}, which nobody sent.");
            wrongs.Unless(request.Count() == 1, $"Request {request.Key} started {request.Count()} sagas: {string.Join(", ", request.Select(saga => saga.Id))}.");
        }
        var ids = listed.ToDictionary(saga => saga.Id);
        foreach (var promise in promises.Where(promise => promise.Saga is not null))
        {
            wrongs.Unless(ids.TryGetValue(promise.Saga!.Value, out var saga) && saga.CorrelationId == promise.Key,
                $"Saga {promise.Saga} ({promise.Kind}) was acknowledged for request {promise.Key}, and is {(saga is null ? "not listed" : $"listed as of request {saga.CorrelationId}")}.");
        }
    }

    private async Task CheckSagaAsync(SagaSummary listed)
    {
        if (listed.CorrelationId is null || !_promises.TryGetValue(listed.CorrelationId, out var promise))
            return;
        var saga = sagas.Get(listed.Id);
        var view = await saga.GetAsync();
        var history = await saga.HistoryAsync().ToListAsync();
        var books = await BooksAsync(listed.Id);
        wrongs.Add(promise.See(view));
        _ends.AddOrUpdate(view.Status, 1, (_, count) => count + 1);

        List<string> problems =
        [
            .. HistoryAudit.Problems(view, history),
            .. ListProblems(listed, view),
            .. EndProblems(promise, view),
            .. BookProblems(view, books),
            .. DeedProblems(view, history),
        ];
        foreach (var problem in problems)
            wrongs.Add($"Saga {view.Id} ({promise.Kind}): {problem}. It is {view.Status} ({view.Error}), with {books?.Effects.Count ?? 0} effects: {string.Join(", ", books?.Effects ?? [])}{Environment.NewLine}{HistoryAudit.Said(history)}");
    }

    private static IEnumerable<string> ListProblems(SagaSummary listed, SagaView view)
    {
        if ((listed.Status, listed.Reason, listed.EndedAt, listed.StartedAt) != (view.Status, view.Reason, view.EndedAt, view.StartedAt))
            yield return $"it is listed as {listed.Status} ({listed.Reason}, {listed.EndedAt:O}), and shown as {view.Status} ({view.Reason}, {view.EndedAt:O})";
    }

    private IEnumerable<string> EndProblems(Promise promise, SagaView view)
    {
        if (!view.Status.IsTerminal())
            yield return "it has not ended";
        if (view.Status == SagaStatus.Completed && !OrderMix.CanComplete(promise.Kind))
            yield return "it was to fail, and is completed";
        if (view.Status == SagaStatus.Cancelled && !promise.CancelAsked)
            yield return "it is cancelled, and nobody asked for that";
        if (view.Status is not (SagaStatus.Compensated or SagaStatus.Failed) || !OrderMix.CanComplete(promise.Kind))
            yield break;
        if (view.Steps.Any(step => step is { Attempts: MaxAttempts, Status: StepStatus.Uncertain or StepStatus.Undone }))
            Interlocked.Increment(ref _undoneByCrashes);
        else
            yield return "it was to be completed, and was given up before its attempts were used up";
    }

    /// <summary>A completed order has each effect once, and any other has as many undone as done.</summary>
    private static IEnumerable<string> BookProblems(SagaView view, OrderBooks? books)
    {
        var effects = books?.Effects ?? [];
        foreach (var doubled in effects.GroupBy(effect => (effect.Step, effect.Undo)).Where(same => same.Count() > 1))
            yield return $"the effect {doubled.Key} was booked {doubled.Count()} times";
        var done = effects.Where(effect => !effect.Undo).Select(effect => effect.Step).Order(StringComparer.Ordinal).ToList();
        var undone = effects.Where(effect => effect.Undo).Select(effect => effect.Step).Order(StringComparer.Ordinal).ToList();
        if (view.Status != SagaStatus.Completed)
        {
            if (!done.SequenceEqual(undone))
                yield return $"{string.Join(", ", done)} was done and {string.Join(", ", undone)} undone";
            yield break;
        }

        if (!done.SequenceEqual(OrderMix.Steps.Order(StringComparer.Ordinal)) || undone.Count > 0)
            yield return $"it is completed, and of its effects {string.Join(", ", done)} were done and {string.Join(", ", undone)} undone";
        var receipts = effects.Select(effect => $"{effect.Step}-{effect.Seq}").Order(StringComparer.Ordinal);
        var data = view.Data!.Value.As<JsonElement>();
        string[] members = ["holdId", "reservationId", "chargeId", "shipmentId"];
        if (!receipts.SequenceEqual(members.Select(name => data.GetProperty(name).GetString()).Order(StringComparer.Ordinal)))
            yield return $"its data has other receipts than its books: {view.Data}";
    }

    /// <summary>What an operator was told was done is in the history once, and what was refused is not in it.</summary>
    private IEnumerable<string> DeedProblems(SagaView view, List<SagaHistoryEntry> history)
    {
        foreach (var deed in _deeds[view.Id])
        {
            var name = deed.Verb switch { SagaVerb.Cancel => "turned-back", SagaVerb.Pause => "paused", SagaVerb.Resume => "resumed", _ => "undo-retried" };
            var found = history.Count(entry => entry.Event == name && entry.CausationId == deed.RequestId && entry.Actor == "olga");
            if (found != (deed.IsDone ? 1 : 0))
                yield return $"{deed.Verb} with request id {deed.RequestId} was {(deed.IsDone ? "done" : "refused")}, and is in its history {found} times";
            if (deed is { Verb: SagaVerb.Cancel, IsDone: true } && view.Status != SagaStatus.Cancelled)
                yield return "its cancel was acknowledged, and it is not cancelled";
        }
    }

    /// <summary>A repeat names the same saga, and the same end of it.</summary>
    private async Task RepeatAsync(Promise promise) =>
        wrongs.Add(promise.See(await sagas.StartAndWaitAsync("order", promise.Order, promise.Options, TimeSpan.FromSeconds(60))));

    private async Task RepeatAsync(Deed deed)
    {
        try
        {
            var view = await sagas.Get(deed.Saga).ActAsync(deed.Verb, deed.Request, deed.RequestId);
            wrongs.Unless(deed.IsDone && view.Id == deed.Saga, $"{deed.Verb} of saga {deed.Saga} with request id {deed.RequestId} was {(deed.IsDone ? "done" : "refused")}; a repeat of it is done, to saga {view.Id}.");
        }
        catch (SagaNotPossibleException refused)
        {
            wrongs.Unless(!deed.IsDone, $"{deed.Verb} of saga {deed.Saga} with request id {deed.RequestId} was done; a repeat of it is refused: {refused.Message}");
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
            wrongs.Unless(refused.Status == HttpStatusCode.UnprocessableEntity, $"Another order under the key of request {promise.Key} was refused with {refused.Status}, not 422.");
        }
    }

    private async Task CheckBooksAsync()
    {
        var books = (await http.GetFromJsonAsync<BooksSummary>(new Uri("shop/books", UriKind.Relative)))!;
        wrongs.Unless(books is { Conserved: true, Doubled: 0, Open: 0, HoldsOpen: 0 },
            $"The books were to be conserved, with nothing doubled or open; they are: {books}, {string.Join(" ", books.Problems)}");
        var completed = await sagas.ListAsync(new() { Status = SagaStatus.Completed, PageSize = 1000 }).CountAsync();
        wrongs.Unless(books.Complete == completed, $"The books have {books.Complete} complete orders, and {completed} sagas are completed.");
    }

    private async Task<OrderBooks?> BooksAsync(SagaId saga)
    {
        using var answer = await http.GetAsync(new Uri($"shop/books/{saga}", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<OrderBooks>();
    }

    private static Task EachAsync<T>(IEnumerable<T> all, Func<T, Task> checkAsync) =>
        Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (one, _) => await checkAsync(one));
}
