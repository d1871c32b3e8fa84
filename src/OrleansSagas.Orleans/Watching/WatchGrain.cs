using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;
using OrleansSagas.Watching;

namespace OrleansSagas.Orleans.Watching;

/// <summary>Hears the stream of its silo, and tells those who watch there to look into the store.</summary>
[GrainType("sagas.watch"), ImplicitStreamSubscription(ClusterWatch.Stream), PreferLocalPlacement, Immovable]
internal sealed class WatchGrain(SagaWatch watch, ILocalSiloDetails silo) : Grain, IWatchGrain, IStreamSubscriptionObserver, IAsyncObserver<SagaChanged>
{
    public Task StayAsync()
    {
        if (this.GetPrimaryKeyString() != silo.SiloAddress.ToParsableString())
            DeactivateOnIdle(); // a message to a silo that is dead woke it somewhere else
        return Task.CompletedTask;
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<SagaChanged>().ResumeAsync(this);

    public Task OnNextAsync(SagaChanged item, StreamSequenceToken? token = null)
    {
        watch.Announce(new SagaKey(item.Namespace, new SagaId(item.Saga)));
        return StayAsync();
    }

    /// <summary>What the stream lost, a watcher finds by its own look at the store.</summary>
    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}
