using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>Wakes the sagas that a search of the store gives, page by page, a bounded number at a time.</summary>
/// <param name="runtime">Where sagas are woken.</param>
/// <param name="options">How many are woken at a time, of all searches together.</param>
internal sealed class SagaWaker(SagaRuntime runtime, SagaOptions options)
{
    public const int PageSize = 256;

    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrencyLimiter _limiter = new(options.ResumeParallelism);

    /// <summary>Completes when the last of them has been begun, not when all are woken.</summary>
    /// <param name="find">Gives the sagas after one, <see cref="PageSize"/> at most.</param>
    /// <param name="isWanted">Whether one that was found is to be woken.</param>
    /// <param name="wake">Wakes a saga. It does not throw; what fails is found again by a later search.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was cancelled.</exception>
    public async Task WakeAllAsync(
        Func<DueSaga?, Task<IReadOnlyList<DueSaga>>> find,
        Func<DueSaga, bool> isWanted,
        Func<DueSaga, Task<WakeOutcome>> wake,
        CancellationToken stopping
    )
    {
        DueSaga? last = null;
        while (!stopping.IsCancellationRequested)
        {
            var page = await find(last);
            foreach (var saga in page)
            {
                if (!isWanted(saga))
                    continue;
                await Waiting.ForAsync(_limiter.TakeAsync(), Timeout.InfiniteTimeSpan, runtime.Clock, stopping);
                _ = runtime.Start(() => WakeAsync(saga, wake, stopping));
            }

            if (page.Count < PageSize)
                return;
            last = page[^1];
        }
    }

    private async Task WakeAsync(DueSaga saga, Func<DueSaga, Task<WakeOutcome>> wake, CancellationToken stopping)
    {
        try
        {
            while (await wake(saga) == WakeOutcome.NoRoom)
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
