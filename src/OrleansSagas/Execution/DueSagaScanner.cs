using OrleansSagas.Storing;

namespace OrleansSagas.Execution;

/// <summary>Finds the sagas that must be loaded, page by page, and has each woken, a bounded number at a time.</summary>
/// <param name="store">Where it looks.</param>
/// <param name="partition">Which sagas it looks for.</param>
/// <param name="runtime">Where sagas are woken.</param>
/// <param name="options">How far ahead it looks, and how many it wakes at a time.</param>
/// <param name="isOurs">Whether a saga that was found is to be woken from here.</param>
/// <param name="wake">Wakes a saga. What fails is found again at the next scan.</param>
internal sealed class DueSagaScanner(
    ISagaStore store, SagaPartition partition, SagaRuntime runtime, SagaOptions options, Func<DueSaga, bool> isOurs, Func<DueSaga, Task<WakeOutcome>> wake)
{
    private const int PageSize = 256;

    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstReleasePause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestReleasePause = TimeSpan.FromHours(1);

    private readonly ConcurrencyLimiter _limiter = new(options.ResumeParallelism);
    private TimeSpan _releasePause;
    private long _releasedAt;
    private int _failedReleases;

    /// <summary>Looks for the sagas of dead owners, and for those that are due before a saga would be let go of again: so each is loaded in time to keep its own exact timer.</summary>
    /// <param name="alive">The incarnations whose sagas are held.</param>
    /// <param name="stopping">Ends the scan.</param>
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was cancelled.</exception>
    public async Task ScanAsync(IReadOnlyCollection<Incarnation> alive, CancellationToken stopping)
    {
        await WakeAllAsync(after => store.FindOrphansAsync(partition, alive, after, PageSize, stopping), stopping);
        await WakeAllAsync(after => store.FindDueAsync(partition, runtime.Clock.GetUtcNow() + options.IdleAfter, after, PageSize, stopping), stopping);
    }

    /// <summary>Takes up the held sagas whose definition is here: when the engine has started, at once again where one could not be woken, and then ever more seldom.
    /// A silo without the definition that dies a moment later may have written that a saga is held after this one looked.</summary>
    /// <param name="isDefined">Whether a definition is here.</param>
    /// <param name="stopping">Ends the scan.</param>
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was cancelled.</exception>
    public async Task ReleaseHeldAsync(Func<PlanIdentity, bool> isDefined, CancellationToken stopping)
    {
        if (Interlocked.Exchange(ref _failedReleases, 0) > 0)
            _releasePause = TimeSpan.Zero;
        if (_releasePause > TimeSpan.Zero && runtime.Clock.GetElapsedTime(_releasedAt) < _releasePause)
            return;
        await WakeAllAsync(after => store.FindHeldAsync(after, PageSize, stopping), held => isDefined(held.Plan), ReleaseAsync, stopping);
        _releasedAt = runtime.Clock.GetTimestamp();
        _releasePause = _releasePause == TimeSpan.Zero ? FirstReleasePause : TimeSpan.FromTicks(Math.Min(2 * _releasePause.Ticks, LongestReleasePause.Ticks));

        async Task<WakeOutcome> ReleaseAsync(DueSaga held)
        {
            var outcome = await wake(held);
            if (outcome == WakeOutcome.Failed)
                Interlocked.Increment(ref _failedReleases);
            return outcome;
        }
    }

    private Task WakeAllAsync(Func<DueSaga?, Task<IReadOnlyList<DueSaga>>> find, CancellationToken stopping) => WakeAllAsync(find, isOurs, wake, stopping);

    private async Task WakeAllAsync(
        Func<DueSaga?, Task<IReadOnlyList<DueSaga>>> find, Func<DueSaga, bool> isWanted, Func<DueSaga, Task<WakeOutcome>> wakeOne, CancellationToken stopping)
    {
        DueSaga? last = null;
        while (!stopping.IsCancellationRequested)
        {
            var page = await find(last);
            foreach (var due in page)
            {
                if (!isWanted(due))
                    continue;
                await Waiting.ForAsync(_limiter.TakeAsync(), Timeout.InfiniteTimeSpan, runtime.Clock, stopping);
                _ = runtime.Start(() => WakeOneAsync(due, wakeOne, stopping));
            }

            if (page.Count < PageSize)
                return;
            last = page[^1];
        }
    }

    private async Task WakeOneAsync(DueSaga saga, Func<DueSaga, Task<WakeOutcome>> wakeOne, CancellationToken stopping)
    {
        try
        {
            while (await wakeOne(saga) == WakeOutcome.NoRoom)
                await Task.Delay(FullPause, runtime.Clock, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next engine finds it.
        }
        finally
        {
            _limiter.Release();
        }
    }
}
