using System.Collections.Concurrent;
using System.Net.Sockets;
using OrleansSagas.TestKit.Silos.Auditing;

namespace OrleansSagas.TestKit.Silos.Loading;

/// <summary>
/// Operators who cancel some sagas, end a few at once, pause others for a while, and care for what is stuck; over every crash. Each works
/// on a saga alone.
/// </summary>
internal sealed class Operators(ISagaClient sagas, HttpClient http, Load load, int seed, Wrongs wrongs)
{
    public const string Name = "olga";

    private const int Count = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<SagaId, string> _taken = new();
    private readonly ConcurrentQueue<Deed> _deeds = new();
    private readonly List<Task> _operators = [];
    private volatile bool _ends;
    private int _numbers;

    /// <summary>All that was asked and answered.</summary>
    public IReadOnlyCollection<Deed> Deeds => _deeds;

    public void Begin()
    {
        _operators.AddRange(Enumerable.Range(0, Count).Select(number => Task.Run(() => WorkAsync(new Random(~seed - number)))));
        _operators.Add(Task.Run(CareAsync));
    }

    public Task EndAsync()
    {
        _ends = true;
        return Task.WhenAll(_operators);
    }

    /// <summary>
    /// Does one verb, repeated over crashes until it is answered; answers whether it was done, or the saga's status did not allow it.
    /// </summary>
    public async Task<bool> DoAsync(SagaId saga, OperatorAction verb)
    {
        var requestId = $"verb-{seed}-{Interlocked.Increment(ref _numbers)}";
        var request = new OperatorRequest { Actor = Name, Reason = requestId };
        bool isDone;
        try
        {
            await sagas.Get(saga).ActAsync(verb, request, requestId);
            isDone = true;
        }
        catch (SagaNotPossibleException)
        {
            isDone = false;
        }
        _deeds.Enqueue(new Deed(saga, verb, requestId, request, isDone));
        return isDone;
    }

    /// <summary>Most often what keeps the undo from being done is repaired first; now and then the effect is left as it is.</summary>
    public async Task CareForStuckAsync(SagaId saga)
    {
        if (saga.Value.Sum(letter => letter) % 3 == 0)
        {
            await DoAsync(saga, OperatorAction.Skip);
            return;
        }
        await RepairAsync(saga);
        await DoAsync(saga, OperatorAction.Retry);
    }

    private async Task WorkAsync(Random random)
    {
        while (!_ends)
        {
            await Task.Delay(random.Next(10, 120));
            if (load.Recent(random) is not { Saga: { } saga } promise || !_taken.TryAdd(saga, promise.Key))
                continue;
            try
            {
                await (
                    random.Next(20) switch
                    {
                        0 => TerminateAsync(promise, saga),
                        < 10 => CancelAsync(promise, saga),
                        _ => PauseAsync(saga, random),
                    }
                );
            }
            catch (Exception failure)
            {
                wrongs.Add(
                    $"An operator was to be answered about saga {saga} ({promise.Kind}), which was acknowledged; it failed: "
                        + $"{failure.GetType().Name}: {failure.Message}"
                );
            }
        }
    }

    private async Task CareAsync()
    {
        while (!_ends)
        {
            try
            {
                await foreach (var saga in sagas.ListAsync(new() { Status = SagaStatus.Stuck, PageSize = 1000 }))
                    await CareForStuckAsync(saga.Id);
            }
            catch (Exception failure)
            {
                wrongs.Add($"An operator was to be answered about what is stuck; it failed: {failure.GetType().Name}: {failure.Message}");
            }
            await Task.Delay(Round);
        }
    }

    private async Task RepairAsync(SagaId saga)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(Glance))
        {
            var isLast = TimeProvider.System.GetElapsedTime(began) > Patience;
            try
            {
                using var answer = await http.PostAsync(new Uri($"shop/repair?order={saga}", UriKind.Relative), null);
                if (answer.IsSuccessStatusCode)
                    return;
                if (isLast)
                    throw new TimeoutException(
                        $"Waited {Patience} for the shop to repair order {saga}; it answers {answer.StatusCode}: "
                            + $"{await answer.Content.ReadAsStringAsync()}"
                    );
            }
            catch (Exception down) when (!isLast && down is HttpRequestException or SocketException or OperationCanceledException)
            {
                // Killed, stopped, or not there yet: asked again.
            }
        }
    }

    private async Task TerminateAsync(Promise promise, SagaId saga)
    {
        promise.TerminateAsked = true;
        await DoAsync(saga, OperatorAction.Terminate);
    }

    private async Task CancelAsync(Promise promise, SagaId saga)
    {
        promise.CancelAsked = true;
        await DoAsync(saga, OperatorAction.Cancel);
    }

    private async Task PauseAsync(SagaId saga, Random random)
    {
        if (!await DoAsync(saga, OperatorAction.Pause))
            return;
        await Task.Delay(random.Next(1_000));
        await DoAsync(saga, OperatorAction.Resume);
    }
}
