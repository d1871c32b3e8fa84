using System.Runtime.CompilerServices;
using OrleansSagas.Storage;

namespace OrleansSagas.Local;

/// <summary>The calls of a client in the process of the engine.</summary>
internal sealed class LocalCalls(SagaService sagas, SagaRuntime runtime) : ServiceCalls
{
    public override TimeProvider Clock => runtime.Clock;

    public override string NewRequestId() => runtime.Ids.NewRequestId();

    public override async IAsyncEnumerable<SagaHistoryEntry> WatchAsync(
        SagaId saga,
        long afterRevision,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var after = afterRevision;
        do
        {
            await foreach (var entry in sagas.WatchAsync(new SagaKey(saga), after, cancellationToken))
            {
                yield return entry;
                after = entry.Revision;
            }
            // It has ended, or there is none, or the engine stops, in which case nobody tells of it any more.
            if (sagas.Problem is { } problem)
                throw Refusal.Of(SagaRefusal.Unavailable).ToException(new RefusedCall($"watch saga '{saga}'") { Saga = saga }, problem);
        } while (!(await GetAsync(saga, TimeSpan.Zero, cancellationToken)).Status.IsTerminal());
    }

    protected override Task<SagaView> AskAsync(
        RefusedCall call,
        Func<SagaService, Task<SagaResult>> ask,
        CancellationToken cancellationToken
    ) =>
        TransientRetry.RunAsync(
            async () =>
                await ask(sagas) switch
                {
                    SagaResult.Accepted accepted => accepted.View,
                    var refused => throw Refused(call, (SagaResult.Refused)refused),
                },
            Clock,
            Pause,
            cancellationToken
        );

    protected override Task<T> ReadAsync<T>(RefusedCall call, Func<SagaService, Task<T>> read, CancellationToken cancellationToken) =>
        TransientRetry.RunAsync(
            async () =>
            {
                try
                {
                    return await read(sagas);
                }
                catch (StoreException failure)
                {
                    throw Unavailable(call, failure);
                }
            },
            Clock,
            Pause,
            cancellationToken
        );

    protected override SagaDefinition? Find(string type, int? version) => sagas.Catalog.Find(type, version);
}
