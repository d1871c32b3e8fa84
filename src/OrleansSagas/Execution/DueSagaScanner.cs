using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>Finds the sagas of a partition that must be loaded, and has each woken.</summary>
/// <param name="store">Where it looks.</param>
/// <param name="partition">Which sagas it looks for.</param>
/// <param name="waker">Wakes them, a bounded number at a time.</param>
/// <param name="clock">What time it is.</param>
/// <param name="ahead">How far ahead it looks.</param>
/// <param name="isOurs">Whether a saga that was found is to be woken from here.</param>
/// <param name="wake">Wakes a saga. What fails is found again at the next scan.</param>
internal sealed class DueSagaScanner(
    ISagaStore store,
    SagaPartition partition,
    SagaWaker waker,
    TimeProvider clock,
    TimeSpan ahead,
    Func<DueSaga, bool> isOurs,
    Func<DueSaga, Task<WakeOutcome>> wake
)
{
    /// <summary>
    /// Looks for the sagas of dead owners, and for those that are due before a saga would be let go of again: so each is loaded in time to
    /// keep its own exact timer.
    /// </summary>
    /// <param name="alive">The incarnations whose sagas are held.</param>
    /// <param name="stopping">Ends the scan.</param>
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was cancelled.</exception>
    public async Task ScanAsync(IReadOnlyCollection<Incarnation> alive, CancellationToken stopping)
    {
        await waker.WakeAllAsync(
            after => store.FindOrphansAsync(partition, alive, after, SagaWaker.PageSize, stopping),
            isOurs,
            wake,
            stopping
        );
        await waker.WakeAllAsync(
            after => store.FindDueAsync(partition, clock.GetUtcNow() + ahead, after, SagaWaker.PageSize, stopping),
            isOurs,
            wake,
            stopping
        );
    }
}
