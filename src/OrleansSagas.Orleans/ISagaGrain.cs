using Orleans.CodeGeneration;
using OrleansSagas.Orleans.Messages;

namespace OrleansSagas.Orleans;

/// <summary>The actor that is one saga. Its key is <see cref="SagaGrainKey"/>. None of its calls lasts longer than one commit.</summary>
[Alias("sagas.saga"), Version(1)]
internal interface ISagaGrain : IGrainWithStringKey
{
    /// <summary>Gives a call to the saga; null where it was a message, handed over in person, which is answered itself.</summary>
    [Alias("send")]
    ValueTask<ReplyEnvelope?> SendAsync(SagaEnvelope call);

    /// <summary>
    /// Loads the saga if it is not, and lets it look at the clock; false where its silo has no room for it, null where its store does not
    /// answer.
    /// </summary>
    [Alias("wake")]
    Task<bool?> WakeAsync();

    /// <summary>
    /// Says that attempts of the saga run at <paramref name="silo"/>, which lost its activation; answers whether that is here, so that they
    /// go on.
    /// </summary>
    [Alias("return")]
    Task<bool> ReturnAsync(string silo);

    /// <summary>Says that somebody at <paramref name="silo"/> watches the saga; it is said again for as long as that is so.</summary>
    [Alias("watched")]
    Task WatchedAsync(string silo);
}
