using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansSagas.Orleans;
using OrleansSagas.Execution;
using OrleansSagas.Storing;

namespace OrleansSagas.Orleans.Scheduling;

/// <summary>Wakes its share of the sagas that are due or whose owner died. The pings of the silos make it look every other second; its reminder is the
/// last resort, for when no silo that pings is left.</summary>
[GrainType("sagas.scheduler"), Reentrant]
internal sealed partial class SchedulerGrain : Grain, ISchedulerGrain, IRemindable
{
    private const string ReminderName = "look";

    /// <summary>The shortest period that a reminder may have.</summary>
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private readonly IGrainFactory _grains;
    private readonly SagaProcesses _processes;
    private readonly ClusterMembers _members;
    private readonly SagaRuntime _runtime;
    private readonly ILogger<SchedulerGrain> _logger;
    private readonly DueSagaScanner _waker;
    private Task _look = Task.CompletedTask;
    private long? _lookedAt;

    public SchedulerGrain(IGrainFactory grains, SagaProcesses processes, ClusterMembers members, ISagaStore store, SagaRuntime runtime, SagaOptions options, SagaClusterOptions cluster, ILogger<SchedulerGrain> logger)
    {
        (_grains, _processes, _members, _runtime, _logger) = (grains, processes, members, runtime, logger);
        var partition = this.GetPrimaryKeyLong();
        _waker = new DueSagaScanner(store, runtime, options, due => due.Number % cluster.Partitions == partition && !processes.Holds(due.Key), WakeAsync);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken) => this.RegisterOrUpdateReminder(ReminderName, ReminderPeriod, ReminderPeriod, cancellationToken);

    public Task PingAsync() => LookAsync();

    public Task ReceiveReminder(string reminderName, TickStatus status) => LookAsync();

    private Task LookAsync()
    {
        if (_processes.IsDraining)
        {
            // What is woken from here would be held here. Another silo's ping makes the next activation.
            DeactivateOnIdle();
            return Task.CompletedTask;
        }

        if (!_look.IsCompleted || (_lookedAt is { } at && _runtime.Clock.GetElapsedTime(at) < SchedulerHeartbeat.Period / 2))
            return Task.CompletedTask;
        _lookedAt = _runtime.Clock.GetTimestamp();
        _look = _runtime.Start(LookNowAsync);
        return Task.CompletedTask;
    }

    private async Task LookNowAsync()
    {
        try
        {
            await _waker.LookAsync(await _members.FenceDeadAsync(_processes.Stopping), _processes.Stopping);
        }
        catch (OperationCanceledException) when (_processes.IsDraining)
        {
            // The next activation looks.
        }
        catch (Exception exception)
        {
            // Whatever it was: without this look no saga would ever be woken again, and the next ping is near.
            LogCannotLook(_logger, exception);
        }
    }

    private async Task WakeAsync(SagaKey saga)
    {
        try
        {
            await _grains.Saga(saga).WakeAsync();
        }
        catch (Exception exception)
        {
            LogCannotWake(_logger, saga, exception);
        }
    }

    [LoggerMessage(41, LogLevel.Warning, "The store did not say which sagas are due; it is asked again.")]
    private static partial void LogCannotLook(ILogger logger, Exception exception);

    [LoggerMessage(42, LogLevel.Warning, "Saga {Saga} could not be woken; it is tried again.")]
    private static partial void LogCannotWake(ILogger logger, SagaKey saga, Exception exception);
}
