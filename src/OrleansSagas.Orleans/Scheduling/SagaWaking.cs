using Microsoft.Extensions.Logging;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.Storing;

namespace OrleansSagas.Orleans.Scheduling;

/// <summary>Wakes sagas that were found in the store, each where its definition is.</summary>
internal sealed partial class SagaWaking(IGrainFactory grains, ClusterDefinitions definitions, ILogger<SagaWaking> logger)
{
    public async Task<WakeOutcome> WakeAsync(DueSaga saga)
    {
        try
        {
            Task<bool?> waking;
            using (definitions.Towards(saga.Plan))
                waking = grains.Saga(saga.Key).WakeAsync();
            return await waking switch { true => WakeOutcome.Woken, false => WakeOutcome.NoRoom, null => WakeOutcome.Failed };
        }
        catch (Exception exception)
        {
            LogCannotWake(logger, saga.Key, exception);
            return WakeOutcome.Failed;
        }
    }

    [LoggerMessage(42, LogLevel.Warning, "Saga {Saga} could not be woken; it is tried again.")]
    private static partial void LogCannotWake(ILogger logger, SagaKey saga, Exception exception);
}
