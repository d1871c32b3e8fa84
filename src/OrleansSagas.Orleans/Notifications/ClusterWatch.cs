using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansSagas.Execution;
using OrleansSagas.Notifications;

namespace OrleansSagas.Orleans.Notifications;

/// <summary>
/// Brings news of a saga to the silos where it is watched: whoever watches tells the saga's silo so, and is told by one-way calls what
/// changed. A saga that nobody watches elsewhere costs one look at an empty table.
/// </summary>
internal sealed partial class ClusterWatch(
    SagaWatch watch,
    SagaProcesses processes,
    SagaRuntime runtime,
    IGrainFactory grains,
    ILocalSiloDetails silo,
    ILogger<ClusterWatch> logger
) : IWatchRelay
{
    /// <summary>How long a saga's silo remembers who watches; it is told again well before.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<SagaKey, ConcurrentDictionary<string, long>> _interests = new();
    private readonly ConcurrentDictionary<SagaKey, bool> _tellings = new();
    private readonly string _here = silo.SiloAddress.ToParsableString();

    public void Start() => watch.Relay = this;

    public void Watched(SagaKey saga)
    {
        // One that is held here tells those who watch it here itself.
        if (processes.Holds(saga))
            return;

        // Those who come while it is being told need not tell it again: they are announced to with the first.
        if (_tellings.TryAdd(saga, true))
            _ = runtime.Start(() => BeginAsync(saga));
    }

    public void Changed(SagaKey saga, long revision)
    {
        if (_interests.IsEmpty || !_interests.TryGetValue(saga, out var silos))
            return;
        foreach (var (address, at) in silos)
        {
            if (runtime.Clock.GetElapsedTime(at) < Lease)
                _ = runtime.Start(() => PublishAsync(address, new SagaChanged(saga.Namespace, saga.Id.Value, revision)));
        }
    }

    /// <summary>Whether somebody elsewhere watches a saga of this silo.</summary>
    public bool IsWatched(SagaKey saga) => _interests.ContainsKey(saga);

    /// <summary>Somebody at <paramref name="address"/> watches a saga that is held here, or was.</summary>
    public void AddInterest(SagaKey saga, string address)
    {
        if (address != _here)
            _interests.GetOrAdd(saga, static _ => new())[address] = runtime.Clock.GetTimestamp();
    }

    /// <summary>Says again which sagas are watched here, and forgets what is no longer said elsewhere.</summary>
    public async Task RenewAsync()
    {
        await grains.GetGrain<IWatchGrain>(_here).StayAsync();
        foreach (var saga in watch.Watched)
            await TellAsync(saga);
        foreach (var (saga, silos) in _interests)
        {
            foreach (var (address, at) in silos)
                if (runtime.Clock.GetElapsedTime(at) >= Lease)
                    silos.TryRemove(new(address, at));
            if (silos.IsEmpty)
                _interests.TryRemove(new(saga, silos));
        }
    }

    private async Task BeginAsync(SagaKey saga)
    {
        await TellAsync(saga);
        _tellings.TryRemove(saga, out _);

        // What happened before the saga's silo knew of the watchers was told to nobody: so they look once more.
        watch.Announce(saga);
    }

    private async Task TellAsync(SagaKey saga)
    {
        if (processes.Holds(saga))
            return;
        try
        {
            await grains.Saga(saga).WatchedAsync(_here);
        }
        catch (Exception exception)
        {
            // The watcher is not told then, and looks for itself.
            LogNotTold(logger, saga, exception.Message);
        }
    }

    private async Task PublishAsync(string address, SagaChanged changed)
    {
        try
        {
            await grains.GetGrain<IWatchGrain>(address).ChangedAsync(changed);
        }
        catch (Exception exception)
        {
            // The watcher is not told then, and looks for itself.
            LogNotTold(logger, new SagaKey(changed.Namespace, new SagaId(changed.Saga)), exception.Message);
        }
    }

    [LoggerMessage(45, LogLevel.Information, "The watchers of saga {Saga} are not told of its changes; they look for themselves. {Reason}")]
    private static partial void LogNotTold(ILogger logger, SagaKey saga, string reason);
}
