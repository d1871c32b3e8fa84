using System.Collections.Concurrent;
using OrleansSagas.TestKit.Silos.Auditing;

namespace OrleansSagas.TestKit.Silos.Loading;

/// <summary>Those who only look: some watch a saga to its end over server-sent events, others read and list; over every crash.</summary>
internal sealed class Followers(ISagaClient sagas, Load load, int seed, Wrongs wrongs)
{
    private const int Watchers = 4;
    private const int Readers = 2;
    private const int LongestPause = 200;

    private readonly ConcurrentQueue<(SagaId Saga, List<SagaHistoryEntry> Entries)> _watched = new();
    private readonly List<Task> _tasks = [];
    private volatile bool _ends;
    private int _reads;
    private int _listed;

    public override string ToString() =>
        $"{_watched.Count} sagas watched to their ends ({_watched.Sum(one => one.Entries.Count)} entries), {_reads} read, {_listed} listed";

    public void Begin()
    {
        _tasks.AddRange(Enumerable.Range(0, Watchers).Select(number => Repeat(number, WatchAsync)));
        _tasks.AddRange(Enumerable.Range(Watchers, Readers).Select(number => Repeat(number, ReadAsync)));
        _tasks.Add(Repeat(Watchers + Readers, ListAsync));
    }

    /// <summary>Watchers end with the sagas that they watch.</summary>
    public Task EndAsync()
    {
        _ends = true;
        return Task.WhenAll(_tasks);
    }

    /// <summary>What was watched is the history, each entry once and in order.</summary>
    public Task AuditAsync() =>
        Parallel.ForEachAsync(
            _watched,
            async (watched, cancellation) =>
            {
                var history = await sagas.Get(watched.Saga).HistoryAsync(cancellationToken: cancellation).ToListAsync(cancellation);
                wrongs.Unless(
                    history.SequenceEqual(watched.Entries),
                    $"Who watched saga {watched.Saga} saw "
                        + $"{string.Join(", ", watched.Entries.Select(entry => $"{entry.Revision} {entry.Event}"))}; its history "
                        + $"is{Environment.NewLine}{HistoryAudit.Said(history)}"
                );
            }
        );

    private Task Repeat(int number, Func<Random, Task> lookAsync) =>
        Task.Run(async () =>
        {
            var random = new Random(seed + 7_919 * (number + 1));
            while (!_ends)
            {
                try
                {
                    await lookAsync(random);
                }
                catch (Exception failure)
                {
                    wrongs.Add($"Who looked was to be answered; it failed: {failure.GetType().Name}: {failure.Message}");
                }
                await Task.Delay(random.Next(LongestPause));
            }
        });

    private async Task WatchAsync(Random random)
    {
        if (load.Recent(random) is not { Saga: { } saga })
            return;
        _watched.Enqueue((saga, await sagas.Get(saga).WatchAsync().ToListAsync()));
    }

    private async Task ReadAsync(Random random)
    {
        if (load.Recent(random) is not { Saga: { } saga } promise)
            return;
        wrongs.Add(promise.See(await sagas.Get(saga).GetAsync()));
        Interlocked.Increment(ref _reads);
    }

    private async Task ListAsync(Random random)
    {
        var filter = new SagaFilter
        {
            Tags = new Dictionary<string, string> { ["customer"] = $"customer-{random.Next(OrderMix.Customers)}" },
        };
        await foreach (var saga in sagas.ListAsync(filter).Take(200))
        {
            wrongs.Unless(
                saga.Tags.GetValueOrDefault("customer") == filter.Tags["customer"],
                $"Saga {saga.Id} was listed for {filter.Tags["customer"]}; its tags are {string.Join(", ", saga.Tags)}."
            );
            Interlocked.Increment(ref _listed);
        }
    }
}
