using System.Diagnostics;
using OrleansSagas.TestKit.Silos.Auditing;

namespace OrleansSagas.TestKit.Silos.Loading;

/// <summary>Callers that start orders as long as they are let, over every crash, and hold the silo to what it has said.</summary>
/// <param name="callers">How many at a time.</param>
/// <param name="longestPause">Of a caller between two orders, in milliseconds.</param>
internal sealed class Load(ISagaClient sagas, int seed, Wrongs wrongs, int callers = 24, int longestPause = 50)
{
    private const int Latest = 40;

    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly List<Promise> _promises = [];
    private readonly List<Task> _callers = [];
    private TaskCompletionSource<long> _nextNew = NewSource();
    private volatile bool _ends;
    private int _numbers;
    private int _repeats;

    /// <summary>Every request that was sent.</summary>
    public IReadOnlyCollection<Promise> Promises
    {
        get
        {
            lock (_lock)
                return [.. _promises];
        }
    }

    /// <summary>How often a request was sent that had been sent before.</summary>
    public int Repeats => _repeats;

    public void Begin() =>
        _callers.AddRange(Enumerable.Range(0, callers).Select(number => Task.Run(() => CallAsync(new Random(seed + number)))));

    /// <summary>Lets every caller finish what it has begun.</summary>
    public Task EndAsync()
    {
        _ends = true;
        return Task.WhenAll(_callers);
    }

    /// <summary>The time stamp of the next acknowledgement of a request that was not acknowledged before.</summary>
    public Task<long> NextAcknowledgement()
    {
        lock (_lock)
        {
            if (_nextNew.Task.IsCompleted)
                _nextNew = NewSource();
            return _nextNew.Task;
        }
    }

    /// <summary>One of the latest requests that were acknowledged; null where there is none yet.</summary>
    public Promise? Recent(Random random)
    {
        List<Promise> latest;
        lock (_lock)
            latest = _promises[Math.Max(0, _promises.Count - Latest)..].Where(one => one.Saga is not null && one.Ended is null).ToList();
        return latest.Count == 0 ? null : latest[random.Next(latest.Count)];
    }

    private async Task CallAsync(Random random)
    {
        while (!_ends)
        {
            var kind = OrderMix.Kind(random);
            var promise = new Promise($"order-{seed}-{Interlocked.Increment(ref _numbers)}", kind, OrderMix.Order(kind, random));
            lock (_lock)
                _promises.Add(promise);
            try
            {
                await (
                    random.Next(100) switch
                    {
                        < 60 => StartAsync(promise),
                        < 75 => StartAndWaitAsync(promise),
                        < 85 => Task.WhenAll(StartAsync(promise), RepeatAsync(promise), RepeatAsync(promise)),
                        < 90 => HangUpAsync(promise, TimeSpan.FromMilliseconds(random.Next(15))),
                        _ => Task.WhenAll(StartAsync(promise), RepeatAsync(Any(random))),
                    }
                );
            }
            catch (Exception failure)
            {
                wrongs.Add(
                    $"Request {promise.Key} ({kind}) was to be acknowledged; it failed: {failure.GetType().Name}: {failure.Message}"
                );
            }
            await Task.Delay(random.Next(5, longestPause));
        }
    }

    private async Task StartAsync(Promise promise)
    {
        var saga = await sagas.StartAsync("order", promise.Order, promise.Options);
        if (promise.Saga is null)
        {
            lock (_lock)
                _nextNew.TrySetResult(Stopwatch.GetTimestamp());
        }
        wrongs.Add(promise.Acknowledge(saga.Id));
    }

    private Task RepeatAsync(Promise promise)
    {
        Interlocked.Increment(ref _repeats);
        return StartAsync(promise);
    }

    private async Task StartAndWaitAsync(Promise promise)
    {
        try
        {
            wrongs.Add(promise.See(await sagas.StartAndWaitAsync("order", promise.Order, promise.Options, ShortWait)));
        }
        catch (SagaWaitTimeoutException late)
        {
            wrongs.Add(promise.Acknowledge(late.SagaId!.Value));
        }
    }

    /// <summary>A caller that does not stay for the answer: whether the saga was started is not known.</summary>
    private async Task HangUpAsync(Promise promise, TimeSpan patience)
    {
        using var hangUp = new CancellationTokenSource(patience);
        try
        {
            var saga = await sagas.StartAsync("order", promise.Order, promise.Options, hangUp.Token);
            wrongs.Add(promise.Acknowledge(saga.Id));
        }
        catch (OperationCanceledException)
        {
            // As it wished.
        }
    }

    private Promise Any(Random random)
    {
        lock (_lock)
            return _promises[random.Next(_promises.Count)];
    }

    private static TaskCompletionSource<long> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
