using Microsoft.Extensions.Logging;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Scheduling;

/// <summary>
/// Wakes sagas that were found in the store, each where its definition is and most room; where that silo turns out to be full, at the next.
/// </summary>
internal sealed partial class SagaWaking(
    IGrainFactory grains,
    ClusterDefinitions definitions,
    ClusterSilos silos,
    ILogger<SagaWaking> logger
)
{
    private const int MaxSilos = 4;

    public async Task<WakeOutcome> WakeAsync(DueSaga saga)
    {
        try
        {
            for (var asked = 0; asked < MaxSilos; asked++)
            {
                using var towards = definitions.TowardsRoom(saga.Plan);
                if (towards.Silo is not { } silo)
                    break;
                if (OutcomeOf(await grains.Saga(saga.Key).WakeAsync()) is not WakeOutcome.NoRoom and var outcome)
                    return outcome;
                silos.IsFull(silo);
            }

            return await WakeAnywhereAsync(saga);
        }
        catch (Exception exception)
        {
            LogCannotWake(logger, saga.Key, exception);
            return WakeOutcome.Failed;
        }
    }

    /// <summary>Nobody is known to have room: it may be active already, or there may be room where nobody has said so.</summary>
    private async Task<WakeOutcome> WakeAnywhereAsync(DueSaga saga)
    {
        using (definitions.Towards(new SagaNeeds(saga.Plan)))
            return OutcomeOf(await grains.Saga(saga.Key).WakeAsync());
    }

    private static WakeOutcome OutcomeOf(bool? woken) =>
        woken switch
        {
            true => WakeOutcome.Woken,
            false => WakeOutcome.NoRoom,
            null => WakeOutcome.Failed,
        };

    [LoggerMessage(42, LogLevel.Warning, "Saga {Saga} could not be woken; it is tried again.")]
    private static partial void LogCannotWake(ILogger logger, SagaKey saga, Exception exception);
}
