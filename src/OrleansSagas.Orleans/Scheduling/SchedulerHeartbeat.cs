using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Notifications;
using OrleansSagas.Orleans.Placement;

namespace OrleansSagas.Orleans.Scheduling;

/// <summary>
/// What every silo does every two seconds, and when the cluster's membership changes: it pings the schedulers, says how much room it has
/// and which sagas are watched here, and looks for rows of its own that nobody holds.
/// </summary>
internal sealed partial class SchedulerHeartbeat(
    SagaProcesses processes,
    SagaRuntime runtime,
    IGrainFactory grains,
    IClusterMembershipService membership,
    ClusterSilos silos,
    ClusterWatch watch,
    OwnRows own,
    HeldSagas held,
    SagaClusterOptions options,
    ILogger<SchedulerHeartbeat> logger
)
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private TaskCompletionSource _changed = New();

    /// <summary>Completes when the last round is over.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Start() =>
        Ended = runtime.Start(async () =>
        {
            var following = runtime.Start(FollowMembershipAsync);
            await RunAsync();
            await silos.TellAsync(); // that it leaves
            await following;
        });

    private async Task RunAsync()
    {
        while (!processes.IsDraining)
        {
            Volatile.Write(ref _changed, New());
            try
            {
                await silos.TellAsync();
                await PingAsync();
                await watch.RenewAsync();
                own.BeginCheck();
                held.BeginRelease();
            }
            catch (Exception exception)
            {
                // Whatever it was: a silo without a heartbeat would leave the clock to a reminder's minute.
                LogCannotPing(logger, exception);
            }

            try
            {
                await Waiting.ForAsync(_changed.Task, Period, runtime.Clock, processes.Stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task PingAsync()
    {
        for (var partition = 0; partition < options.Partitions; partition++)
        {
            Task ping;
            using (silos.TowardsStaying())
                ping = grains.GetGrain<ISchedulerGrain>(partition).PingAsync();
            await ping;
        }
    }

    private async Task FollowMembershipAsync()
    {
        try
        {
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(processes.Stopping))
                Volatile.Read(ref _changed).TrySetResult();
        }
        catch (OperationCanceledException) when (processes.IsDraining)
        {
            // The silo stops.
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(44, LogLevel.Warning, "The sagas' schedulers could not be pinged; it is tried again.")]
    private static partial void LogCannotPing(ILogger logger, Exception exception);
}
