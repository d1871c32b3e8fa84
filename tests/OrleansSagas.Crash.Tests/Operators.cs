using System.Collections.Concurrent;

namespace OrleansSagas.Tests;

/// <summary>Operators who cancel some sagas and pause others for a while, over every crash. Each works on a saga alone.</summary>
internal sealed class Operators(ISagaClient sagas, Load load, int seed, Wrongs wrongs)
{
    private const int Count = 3;

    private readonly ConcurrentDictionary<SagaId, string> _taken = new();
    private readonly ConcurrentQueue<Deed> _deeds = new();
    private readonly List<Task> _operators = [];
    private volatile bool _ends;
    private int _numbers;

    /// <summary>All that was asked and answered.</summary>
    public IReadOnlyCollection<Deed> Deeds => _deeds;

    public void Begin() => _operators.AddRange(Enumerable.Range(0, Count).Select(number => Task.Run(() => WorkAsync(new Random(~seed - number)))));

    public Task EndAsync()
    {
        _ends = true;
        return Task.WhenAll(_operators);
    }

    /// <summary>Does one verb, repeated over crashes until it is answered; answers whether it was done, or the saga's status did not allow it.</summary>
    public async Task<bool> DoAsync(SagaId saga, SagaVerb verb)
    {
        var requestId = $"verb-{seed}-{Interlocked.Increment(ref _numbers)}";
        var request = new OperatorRequest { Actor = "olga", Reason = requestId };
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

    private async Task WorkAsync(Random random)
    {
        while (!_ends)
        {
            await Task.Delay(random.Next(10, 120));
            if (load.Recent(random) is not { Saga: { } saga } promise || !_taken.TryAdd(saga, promise.Key))
                continue;
            try
            {
                await (random.Next(2) == 0 ? CancelAsync(promise, saga) : PauseAsync(saga, random));
            }
            catch (Exception failure)
            {
                wrongs.Add($"An operator was to be answered about saga {saga} ({promise.Kind}), which was acknowledged; it failed: {failure.GetType().Name}: {failure.Message}");
            }
        }
    }

    private async Task CancelAsync(Promise promise, SagaId saga)
    {
        promise.CancelAsked = true;
        await DoAsync(saga, SagaVerb.Cancel);
    }

    private async Task PauseAsync(SagaId saga, Random random)
    {
        if (!await DoAsync(saga, SagaVerb.Pause))
            return;
        await Task.Delay(random.Next(1_000));
        await DoAsync(saga, SagaVerb.Resume);
    }
}
