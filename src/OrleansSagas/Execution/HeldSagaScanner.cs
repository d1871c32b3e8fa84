using OrleansSagas.Storing;

namespace OrleansSagas.Execution;

/// <summary>Takes up the sagas with the status Held whose definition is here: when the engine has started, at once again where one could not be woken, and then
/// ever more seldom.</summary>
/// <remarks>A silo without the definition that dies a moment later may have written that a saga is held after this one looked.</remarks>
internal sealed class HeldSagaScanner
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly ISagaStore _store;
    private readonly SagaProcesses _processes;
    private readonly SagaRuntime _runtime;
    private readonly SagaWaker _waker;
    private TimeSpan _pause;
    private long _scannedAt;
    private int _failed;

    public HeldSagaScanner(ISagaStore store, SagaProcesses processes, SagaRuntime runtime, SagaOptions options, Func<DueSaga, Task<WakeOutcome>> wake)
    {
        (_store, _processes, _runtime) = (store, processes, runtime);
        _waker = new SagaWaker(runtime, options, async saga =>
        {
            var outcome = await wake(saga);
            if (outcome == WakeOutcome.Failed)
                Interlocked.Increment(ref _failed);
            return outcome;
        });
    }

    /// <summary>Looks for them when it is time.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    /// <exception cref="OperationCanceledException">The engine stops.</exception>
    public async Task ScanAsync()
    {
        if (Interlocked.Exchange(ref _failed, 0) > 0)
            _pause = TimeSpan.Zero;
        if (_pause > TimeSpan.Zero && _runtime.Clock.GetElapsedTime(_scannedAt) < _pause)
            return;
        var stopping = _processes.Stopping;
        await _waker.WakeAllAsync(after => _store.FindHeldAsync(after, SagaWaker.PageSize, stopping), held => _processes.IsDefined(held.Plan), stopping);
        _scannedAt = _runtime.Clock.GetTimestamp();
        _pause = _pause == TimeSpan.Zero ? FirstPause : TimeSpan.FromTicks(Math.Min(2 * _pause.Ticks, LongestPause.Ticks));
    }
}
