using Microsoft.Extensions.Logging;
using OrleansSagas.Execution;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Scheduling;

/// <summary>
/// Wakes sagas whose row says that this silo holds them while it does not: no other query finds them, because this silo is alive.
/// </summary>
internal sealed partial class OwnRows(
    SagaProcesses processes,
    ISagaStore store,
    SagaRuntime runtime,
    ClusterMembers members,
    IGrainFactory grains,
    ILogger<OwnRows> logger
)
{
    private readonly OwnRowScanner _scanner = new(store, processes);
    private Task _check = Task.CompletedTask;

    /// <summary>Looks at the next page of rows, unless the last look is still under way.</summary>
    public void BeginCheck()
    {
        if (_check.IsCompleted)
            _check = runtime.Start(CheckAsync);
    }

    private async Task CheckAsync()
    {
        try
        {
            foreach (var saga in await _scanner.FindLostAsync(await members.ListOthersAsync(processes.Stopping), processes.Stopping))
            {
                LogLost(logger, saga);
                await grains.Saga(saga).WakeAsync();
            }
        }
        catch (Exception exception)
        {
            // Whatever it was: the next look is near.
            if (!processes.IsDraining)
                LogCannotCheck(logger, exception);
        }
    }

    [LoggerMessage(50, LogLevel.Warning, "Saga {Saga} was to be held here, and nobody held it; it is loaded again.")]
    private static partial void LogLost(ILogger logger, SagaKey saga);

    [LoggerMessage(
        51,
        LogLevel.Warning,
        "The sagas that are to be held here could not be compared with those that are; it is tried again."
    )]
    private static partial void LogCannotCheck(ILogger logger, Exception exception);
}
