using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansSagas.Orleans.Hosting;

/// <summary>
/// While this silo waits to join, declares those dead that have given no sign of life in the membership table for too long. A silo that
/// joins must reach all that are listed as active; where all of them were killed at once nobody is left to strike them off, and it would
/// wait for minutes.
/// </summary>
/// <remarks>
/// It goes by this silo's own monotonic clock, so that no difference between two machines' clocks can make a living silo look silent.
/// </remarks>
internal sealed partial class SilentSilos(
    IServiceProvider services,
    IClusterMembershipService membership,
    ILocalSiloDetails here,
    IOptions<ClusterMembershipOptions> options,
    SagaRuntime runtime,
    ILogger<SilentSilos> logger
) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>
    /// How often the table is read: what is lost between two looks is lost of the time within which a lone silo at a new address goes on.
    /// </summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<SiloAddress, (DateTime Sign, long SeenAt)> _signs = [];

    /// <summary>How long an active silo gives no sign before it counts as silent: as long as Orleans itself thinks.</summary>
    private TimeSpan LongestSilence => options.Value.IAmAliveTablePublishTimeout * options.Value.NumMissedTableIAmAliveLimit;

    public void Participate(ISiloLifecycle lifecycle)
    {
        // Where membership is not kept in a table of Orleans' kind, whoever keeps it strikes off who is silent.
        if (services.GetService<IMembershipTable>() is not { } table)
            return;
        CancellationTokenSource? joining = null;
        lifecycle.Subscribe(nameof(SilentSilos), ServiceLifecycleStage.ApplicationServices, BeginAsync, EndAsync);
        lifecycle.Subscribe(nameof(SilentSilos), ServiceLifecycleStage.Active, EndAsync);

        Task BeginAsync(CancellationToken cancellation)
        {
            joining = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            _ = runtime.Start(() => ListenAsync(table, joining.Token));
            return Task.CompletedTask;
        }

        Task EndAsync(CancellationToken cancellation) => joining?.CancelAsync() ?? Task.CompletedTask;
    }

    private async Task ListenAsync(IMembershipTable table, CancellationToken joined)
    {
        while (!joined.IsCancellationRequested)
        {
            try
            {
                foreach (var (silo, _) in (await table.ReadAllAsync(joined)).Members)
                    if (
                        silo.Status == SiloStatus.Active
                        && !silo.SiloAddress.Equals(here.SiloAddress)
                        && IsSilent(silo)
                        && await membership.TryKill(silo.SiloAddress)
                    )
                        LogSilent(logger, silo.SiloAddress, LongestSilence);
                await Task.Delay(Pause, runtime.Clock, joined);
            }
            catch (OperationCanceledException) when (joined.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was: without this loop the silo may wait for minutes.
                LogCannotListen(logger, exception);
                await Task.Delay(Pause, runtime.Clock, CancellationToken.None);
            }
        }
    }

    private bool IsSilent(MembershipEntry silo)
    {
        if (_signs.TryGetValue(silo.SiloAddress, out var last) && last.Sign == silo.IAmAliveTime)
            return runtime.Clock.GetElapsedTime(last.SeenAt) > LongestSilence;
        _signs[silo.SiloAddress] = (silo.IAmAliveTime, runtime.Clock.GetTimestamp());
        return false;
    }

    [LoggerMessage(
        46,
        LogLevel.Warning,
        "The silo {Silo} has given no sign of life for {Silence} while this one waited to join; it is declared dead."
    )]
    private static partial void LogSilent(ILogger logger, SiloAddress silo, TimeSpan silence);

    [LoggerMessage(47, LogLevel.Warning, "The membership table could not be read; it is tried again.")]
    private static partial void LogCannotListen(ILogger logger, Exception exception);
}
