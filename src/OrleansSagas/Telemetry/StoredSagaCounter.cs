using Microsoft.Extensions.Logging;
using OrleansSagas.Storage;

namespace OrleansSagas.Telemetry;

/// <summary>
/// Counts the stored sagas of a partition for the gauges: while someone reads them, and not more often than every 15 seconds.
/// </summary>
/// <param name="store">Where they are counted.</param>
/// <param name="partition">Whose sagas.</param>
/// <param name="instruments">Where the counts are shown.</param>
/// <param name="runtime">Where it runs.</param>
/// <param name="round">How often <see cref="Begin"/> is called.</param>
/// <param name="logger">Where it says that it could not count.</param>
internal sealed partial class StoredSagaCounter(
    ISagaStore store,
    SagaPartition partition,
    SagaInstruments instruments,
    SagaRuntime runtime,
    TimeSpan round,
    ILogger logger
)
{
    /// <summary>How far each count goes: what is more than this is shown as this.</summary>
    public const int Limit = 100_000;

    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromSeconds(15);

    private readonly TimeSpan _period = round > ShortestPeriod ? round : ShortestPeriod;
    private Task _count = Task.CompletedTask;
    private long? _countedAt;
    private bool _isOver;

    /// <summary>Counts when it is time, unless the last count is still under way. Nobody need wait for it.</summary>
    public void Begin(CancellationToken stopping)
    {
        if (
            !instruments.Stored.AreRead
            || !_count.IsCompleted
            || (_countedAt is { } at && runtime.Clock.GetElapsedTime(at) < _period - round / 2)
        )
            return;
        _countedAt = runtime.Clock.GetTimestamp();
        _count = runtime.Start(() => CountAsync(stopping));
    }

    /// <summary>The partition is counted elsewhere from now on.</summary>
    public void End()
    {
        _isOver = true;
        instruments.Stored.Forget(partition.Number);
    }

    private async Task CountAsync(CancellationToken stopping)
    {
        try
        {
            var counts = await store.CountAsync(partition, Limit, stopping);
            instruments.Stored.Show(partition.Number, counts, 3 * _period);
            if (_isOver)
                instruments.Stored.Forget(partition.Number);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next one who watches this partition counts.
        }
        catch (Exception exception)
        {
            // Whatever it was: the gauges show nothing once what was counted last is old, and it is tried again.
            LogCannotCount(logger, exception);
        }
    }

    [LoggerMessage(24, LogLevel.Warning, "The store could not count its sagas for the gauges; it is tried again.")]
    private static partial void LogCannotCount(ILogger logger, Exception exception);
}
