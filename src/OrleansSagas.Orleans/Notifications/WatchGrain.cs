using Orleans.Placement;
using Orleans.Runtime;
using OrleansSagas.Notifications;

namespace OrleansSagas.Orleans.Notifications;

/// <summary>Tells those who watch sagas at its silo to look into the store.</summary>
[GrainType("sagas.watch"), PreferLocalPlacement, Immovable]
internal sealed class WatchGrain(SagaWatch watch, ILocalSiloDetails silo) : Grain, IWatchGrain
{
    public Task StayAsync()
    {
        if (this.GetPrimaryKeyString() != silo.SiloAddress.ToParsableString())
            DeactivateOnIdle(); // a message to a silo that is dead woke it somewhere else
        return Task.CompletedTask;
    }

    public Task ChangedAsync(SagaChanged changed)
    {
        watch.Announce(new SagaKey(changed.Namespace, new SagaId(changed.Saga)));
        return StayAsync();
    }
}
