using Microsoft.Extensions.Logging;
using OrleansSagas.Execution;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Scheduling;

/// <summary>Takes up the held sagas whose definition this silo brings: when it has joined, and then ever more seldom.</summary>
internal sealed partial class HeldSagas(
    SagaProcesses processes,
    ISagaStore store,
    SagaRuntime runtime,
    SagaOptions options,
    SagaWaking waking,
    ILogger<HeldSagas> logger
)
{
    private readonly HeldSagaScanner _scanner = new(store, processes, new SagaWaker(runtime, options), runtime.Clock, waking.WakeAsync);
    private Task _release = Task.CompletedTask;

    /// <summary>Looks for them when it is time, unless the last look is still under way.</summary>
    public void BeginRelease()
    {
        if (_release.IsCompleted)
            _release = runtime.Start(ReleaseAsync);
    }

    private async Task ReleaseAsync()
    {
        try
        {
            await _scanner.ScanAsync();
        }
        catch (Exception exception)
        {
            // Whatever it was: the next look is near.
            if (!processes.IsDraining)
                LogCannotRelease(logger, exception);
        }
    }

    [LoggerMessage(52, LogLevel.Warning, "The held sagas could not all be taken up; it is tried again.")]
    private static partial void LogCannotRelease(ILogger logger, Exception exception);
}
