using Orleans.Concurrency;
using Orleans.Placement;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Idempotency;

/// <summary>
/// Makes concurrent repeats of a request wait for the first, and answers them from what became of it. It stores nothing: what makes a later
/// repeat harmless is the request row of the commit, and so this grain lives no longer than the calls that it has.
/// </summary>
[GrainType("sagas.request-id"), Reentrant, PreferLocalPlacement, Immovable]
internal sealed class IdempotencyGrain(ClusterDefinitions definitions) : Grain, IIdempotencyGrain
{
    private Task<ReplyEnvelope?>? _first;
    private StoredRequest? _taken;
    private int _calls;

    public async Task<ReplyEnvelope> SendAsync(string saga, SagaEnvelope call)
    {
        _calls++;
        try
        {
            while (_taken is null && _first is { IsCompleted: false } other)
                await other.ContinueWith(
                    static _ => { },
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Current
                );
            if (_taken is { } taken)
                return new ReplyEnvelope(new CommandResult.Repeated(taken));
            using (definitions.Towards(null))
                _first = GrainFactory.Saga(SagaGrainKey.Parse(saga)).SendAsync(call).AsTask();
            var reply = await _first;
            if (reply!.Reply is CommandResult.Taken)
                _taken = call.Call.Request;
            return reply;
        }
        finally
        {
            if (--_calls == 0)
                DeactivateOnIdle();
        }
    }
}
