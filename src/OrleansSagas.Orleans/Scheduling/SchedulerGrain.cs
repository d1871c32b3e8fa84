using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.Storage;
using OrleansSagas.Telemetry;

namespace OrleansSagas.Orleans.Scheduling;

/// <summary>
/// Wakes its share of the sagas that are due or whose owner died. The pings of the silos make it scan every other second; its reminder is
/// the last resort, for when no silo that pings is left.
/// </summary>
[GrainType("sagas.scheduler"), Reentrant]
internal sealed partial class SchedulerGrain : Grain, ISchedulerGrain, IRemindable
{
    private const string ReminderName = "look";

    /// <summary>The shortest period that a reminder may have.</summary>
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private readonly SagaProcesses _processes;
    private readonly ClusterMembers _members;
    private readonly ClusterSilos _silos;
    private readonly SagaRuntime _runtime;
    private readonly ILogger<SchedulerGrain> _logger;
    private readonly DueSagaScanner? _scanner;
    private readonly StoredSagaCounter? _counter;
    private Task _scan = Task.CompletedTask;
    private Task? _reminder;
    private long? _scannedAt;

    public SchedulerGrain(
        SagaProcesses processes,
        ClusterMembers members,
        ClusterSilos silos,
        ISagaStore store,
        SagaRuntime runtime,
        SagaOptions options,
        SagaClusterOptions cluster,
        SagaWaking waking,
        SagaInstruments instruments,
        ILogger<SchedulerGrain> logger
    )
    {
        (_processes, _members, _silos, _runtime, _logger) = (processes, members, silos, runtime, logger);
        if (Partition(cluster) is { } partition)
        {
            _counter = new StoredSagaCounter(store, partition, instruments, runtime, SchedulerHeartbeat.Period, logger);
            var waker = new SagaWaker(runtime, options);
            _scanner = new DueSagaScanner(
                store,
                partition,
                waker,
                runtime.Clock,
                options.IdleAfter,
                due => !processes.Holds(due.Key),
                waking.WakeAsync
            );
        }
    }

    public Task PingAsync() => ScanAsync();

    public Task ReceiveReminder(string reminderName, TickStatus status) => ScanAsync();

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _counter?.End();
        return Task.CompletedTask;
    }

    private Task ScanAsync()
    {
        if (_processes.IsDraining)
        {
            // The others' pings must not end here.
            _silos.SendOn(this);
            return Task.CompletedTask;
        }

        if (_scanner is null)
            return RetireAsync();

        _counter!.Begin(_processes.Stopping);

        // Beside the scan: a reminder table that is away must not keep sagas from being woken.
        if (_reminder is null or { IsCompleted: true, IsCompletedSuccessfully: false })
            _reminder = RegisterAsync();
        if (!_scan.IsCompleted || (_scannedAt is { } at && _runtime.Clock.GetElapsedTime(at) < SchedulerHeartbeat.Period / 2))
            return Task.CompletedTask;
        _scannedAt = _runtime.Clock.GetTimestamp();
        _scan = _runtime.Start(ScanNowAsync);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Its share of the sagas; null where its number is of an earlier, greater number of partitions, whose reminder is still there.
    /// </summary>
    private SagaPartition? Partition(SagaClusterOptions cluster) =>
        this.GetPrimaryKeyLong() is var number && number < cluster.Partitions ? new SagaPartition((int)number, cluster.Partitions) : null;

    /// <summary>Ends the reminder that woke it, and goes.</summary>
    private async Task RetireAsync()
    {
        if (await this.GetReminder(ReminderName) is { } reminder)
            await this.UnregisterReminder(reminder);
        DeactivateOnIdle();
    }

    /// <summary>Registers the reminder; the next ping tries again what failed.</summary>
    private async Task RegisterAsync()
    {
        try
        {
            await this.RegisterOrUpdateReminder(ReminderName, ReminderPeriod, ReminderPeriod);
        }
        catch (Exception exception)
        {
            LogNoReminder(_logger, this.GetPrimaryKeyLong(), exception);
            throw;
        }
    }

    private async Task ScanNowAsync()
    {
        try
        {
            await _scanner!.ScanAsync(await _members.FenceDeadAsync(_processes.Stopping), _processes.Stopping);
        }
        catch (OperationCanceledException) when (_processes.IsDraining)
        {
            // The next activation scans.
        }
        catch (Exception exception)
        {
            // Whatever it was: without this scan no saga would ever be woken again, and the next ping is near.
            LogCannotScan(_logger, exception);
        }
    }

    [LoggerMessage(41, LogLevel.Warning, "The store did not say which sagas are due; it is asked again.")]
    private static partial void LogCannotScan(ILogger logger, Exception exception);

    [LoggerMessage(49, LogLevel.Warning, "The reminder of scheduler {Partition} could not be registered; it is tried again.")]
    private static partial void LogNoReminder(ILogger logger, long partition, Exception exception);
}
