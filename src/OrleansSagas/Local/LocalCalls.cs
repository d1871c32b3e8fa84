using System.Runtime.CompilerServices;
using OrleansSagas.Storage;

namespace OrleansSagas.Local;

/// <summary>The calls of a client in the process of the engine.</summary>
internal sealed class LocalCalls(SagaService sagas, SagaRuntime runtime) : ServiceCalls
{
    /// <summary>How long a call is repeated that is not taken now.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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

    protected override async Task<SagaView> AskAsync(
        RefusedCall call,
        Func<SagaService, Task<SagaResult>> ask,
        CancellationToken cancellationToken
    )
    {
        var began = Clock.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (await ask(sagas))
            {
                case SagaResult.Accepted accepted:
                    return accepted.View;
                case SagaResult.Refused refused:
                    if (!Refusal.Of(refused.Refusal).IsTransient || Clock.GetElapsedTime(began) >= Patience)
                        throw Refused(call, refused);
                    await Task.Delay(refused.RetryAfter ?? Pause, Clock, cancellationToken);
                    break;
            }
        }
    }

    protected override async Task<T> ReadAsync<T>(RefusedCall call, Func<SagaService, Task<T>> read, CancellationToken cancellationToken)
    {
        var began = Clock.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await read(sagas);
            }
            catch (StoreException failure)
            {
                if (Clock.GetElapsedTime(began) >= Patience)
                    throw Unavailable(call, failure);
            }
            await Task.Delay(Pause, Clock, cancellationToken);
        }
    }

    protected override SagaDefinition? Find(string type, int? version) => sagas.Catalog.Find(type, version);
}
