using Orleans.CodeGeneration;
using OrleansSagas.Orleans.Messages;

namespace OrleansSagas.Orleans.Idempotency;

/// <summary>Where the repeats of one request meet. Its key names the request's namespace, caller and id.</summary>
[Alias("sagas.request-id"), Version(1)]
internal interface IIdempotencyGrain : IGrainWithStringKey
{
    /// <summary>
    /// Sends the call on to <paramref name="saga"/> where no other with this request id is under way; else it waits for that one.
    /// </summary>
    [Alias("send")]
    Task<ReplyEnvelope> SendAsync(string saga, SagaEnvelope call);
}
