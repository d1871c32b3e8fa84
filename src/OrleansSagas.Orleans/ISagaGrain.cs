using Orleans.CodeGeneration;
using OrleansSagas.Orleans.Messages;

namespace OrleansSagas.Orleans;

/// <summary>The one place in the cluster where a saga's owner may be. Its key is <see cref="SagaGrainKey"/>.</summary>
[Alias("sagas.saga"), Version(1)]
internal interface ISagaGrain : IGrainWithStringKey
{
    /// <summary>Gives a call to the saga's owner; null where it was a message, handed over in person, which is answered itself.</summary>
    [Alias("send")]
    ValueTask<ReplyEnvelope?> SendAsync(SagaEnvelope call);

    /// <summary>Loads the saga if it is not, and lets its owner look at the clock.</summary>
    [Alias("wake")]
    Task WakeAsync();

    /// <summary>Says that the saga's owner is at <paramref name="silo"/>; answers whether that is here, so that it may stay.</summary>
    [Alias("return")]
    Task<bool> ReturnAsync(string silo);

    /// <summary>Says that somebody at <paramref name="silo"/> watches the saga; it is said again for as long as that is so.</summary>
    [Alias("watched")]
    Task WatchedAsync(string silo);
}
