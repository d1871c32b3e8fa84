using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>
/// Takes up the sagas with the status Held whose definition is here: when the engine has started, at once again where one could not be
/// woken, and then ever more seldom.
/// </summary>
/// <remarks>A silo without the definition that dies a moment later may have written that a saga is held after this one looked.</remarks>
internal sealed class HeldSagaScanner(
    ISagaStore store,
    SagaProcesses processes,
    SagaWaker waker,
    TimeProvider clock,
    Func<DueSaga, Task<WakeOutcome>> wake
)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private TimeSpan _pause;
    private long _scannedAt;
    private int _failed;

    /// <summary>Looks for them when it is time.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="OperationCanceledException">The engine stops.</exception>
    public async Task ScanAsync()
    {
        if (Interlocked.Exchange(ref _failed, 0) > 0)
            _pause = TimeSpan.Zero;
        if (_pause > TimeSpan.Zero && clock.GetElapsedTime(_scannedAt) < _pause)
            return;
        var stopping = processes.Stopping;
        await waker.WakeAllAsync(
            after => store.FindHeldAsync(after, SagaWaker.PageSize, stopping),
            held => processes.IsDefined(held.Plan),
            WakeAsync,
            stopping
        );
        _scannedAt = clock.GetTimestamp();
        _pause = _pause == TimeSpan.Zero ? FirstPause : TimeSpan.FromTicks(Math.Min(2 * _pause.Ticks, LongestPause.Ticks));
    }

    private async Task<WakeOutcome> WakeAsync(DueSaga held)
    {
        var outcome = await wake(held);
        if (outcome == WakeOutcome.Failed)
            Interlocked.Increment(ref _failed);
        return outcome;
    }
}
