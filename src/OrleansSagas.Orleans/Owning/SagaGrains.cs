using System.Collections.Concurrent;

namespace OrleansSagas.Cluster.Owning;

/// <summary>The saga grains of this silo, so that one can go when its owner has let go.</summary>
internal sealed class SagaGrains
{
    private readonly ConcurrentDictionary<SagaKey, Entry> _grains = new();

    /// <summary>How many there are.</summary>
    public int Count => _grains.Count;

    public void Add(SagaKey saga, SagaGrain grain, TaskScheduler turns) => _grains[saga] = new Entry(grain, turns);

    public void Remove(SagaKey saga, SagaGrain grain)
    {
        if (_grains.TryGetValue(saga, out var entry) && ReferenceEquals(entry.Grain, grain))
            _grains.TryRemove(new KeyValuePair<SagaKey, Entry>(saga, entry));
    }

    /// <summary>The owner of a saga has let go: its grain looks, in a turn of its own, whether it can go too.</summary>
    public void Closed(SagaKey saga)
    {
        if (_grains.TryGetValue(saga, out var entry))
            _ = Task.Factory.StartNew(static grain => ((SagaGrain)grain!).GoIfFree(), entry.Grain, CancellationToken.None, TaskCreationOptions.DenyChildAttach, entry.Turns);
    }

    private sealed record Entry(SagaGrain Grain, TaskScheduler Turns);
}
