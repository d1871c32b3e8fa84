using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Scheduling;

namespace OrleansSagas.Orleans.Placement;

/// <summary>Knows which silos are leaving, and how much room each has, as each says every two seconds and when it begins to stop.</summary>
/// <remarks>
/// All of it is a hint. A silo that is full or leaving says so to whoever brings it a saga, and the saga is brought elsewhere.
/// </remarks>
internal sealed partial class ClusterSilos(
    SagaProcesses processes,
    SagaRuntime runtime,
    IGrainFactory grains,
    IClusterMembershipService membership,
    ILocalSiloDetails here,
    ILogger<ClusterSilos> logger
)
{
    /// <summary>How long it is believed what a silo said of its room.</summary>
    private static readonly TimeSpan Lease = 3 * SchedulerHeartbeat.Period;

    private readonly ConcurrentDictionary<SiloAddress, Standing> _standings = new();
    private readonly ConcurrentDictionary<SiloAddress, bool> _leaving = new();

    public SiloAddress Here => here.SiloAddress;

    /// <summary>Whether another silo is there that is not known to be leaving.</summary>
    public bool HasOther => FindOther() is not null;

    public void Hear(SiloNotice notice)
    {
        var silo = SiloAddress.FromParsableString(notice.Silo);
        if (notice.IsLeaving)
            Leaves(silo);
        else
            _standings[silo] = new Standing(notice.Room, runtime.Clock.GetTimestamp());
    }

    /// <summary>Takes note that a silo is stopping; it does not come back under this address.</summary>
    public void Leaves(SiloAddress silo)
    {
        foreach (var known in _leaving.Keys)
            if (IsGone(known))
                _leaving.TryRemove(known, out _);
        _leaving[silo] = true;
        _standings.TryRemove(silo, out _);
    }

    /// <summary>Whether something may be activated at a silo.</summary>
    public bool IsOpen(SiloAddress silo) =>
        silo.Equals(Here)
            ? !processes.IsDraining
            : StatusOf(silo) == SiloStatus.Active && (_leaving.IsEmpty || !_leaving.ContainsKey(silo));

    /// <summary>Any silo but this one where something may be activated; null where there is none.</summary>
    public SiloAddress? FindOther() => membership.CurrentSnapshot.Members.Keys.FirstOrDefault(silo => !silo.Equals(Here) && IsOpen(silo));

    /// <summary>Whether a silo is no member of the cluster any more.</summary>
    public bool IsGone(SiloAddress silo) => StatusOf(silo) is SiloStatus.Dead or SiloStatus.None;

    /// <summary>How many more sagas a silo has room for, as far as is known; zero where it is not open, or has not said for long.</summary>
    public int RoomAt(SiloAddress silo)
    {
        if (!IsOpen(silo))
            return 0;
        if (silo.Equals(Here))
            return processes.Room;
        return _standings.TryGetValue(silo, out var standing) && runtime.Clock.GetElapsedTime(standing.At) < Lease
            ? Volatile.Read(ref standing.Room)
            : 0;
    }

    /// <summary>One of the places of a silo is about to be taken.</summary>
    public void Take(SiloAddress silo)
    {
        if (_standings.TryGetValue(silo, out var standing))
            Interlocked.Decrement(ref standing.Room);
    }

    /// <summary>A silo has said that it has no room; it is believed until it says something else.</summary>
    public void IsFull(SiloAddress silo)
    {
        if (_standings.TryGetValue(silo, out var standing))
            Volatile.Write(ref standing.Room, 0);
    }

    /// <summary>Lets the next call go to a silo, where what is called is not active yet. Dispose of it when the call was made.</summary>
    public static Hint Towards(SiloAddress? silo)
    {
        if (silo is not null)
            RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        return new Hint(silo);
    }

    /// <summary>Lets what is not active yet not be activated on a silo that leaves, where one is known to.</summary>
    public Hint TowardsStaying() =>
        Towards(
            processes.IsDraining ? FindOther()
            : !_leaving.IsEmpty && _leaving.Keys.Any(silo => StatusOf(silo) == SiloStatus.Active) ? Here
            : null
        );

    /// <summary>
    /// Has a grain that was activated here, on a silo that is leaving, activated elsewhere. Were it only deactivated, those who remember
    /// where it was would have it activated here again.
    /// </summary>
    public void SendOn(IGrainBase grain)
    {
        using (Towards(FindOther()))
            grain.MigrateOnIdle();
    }

    /// <summary>Tells the other silos how this one is.</summary>
    public async Task TellAsync()
    {
        var notice = new SiloNotice(Here.ToParsableString(), processes.Room, processes.IsDraining);
        foreach (var (silo, member) in membership.CurrentSnapshot.Members)
            if (member.Status == SiloStatus.Active && !silo.Equals(Here))
                await TellAsync(silo, notice);
    }

    private async Task TellAsync(SiloAddress silo, SiloNotice notice)
    {
        try
        {
            Task telling;
            using (Towards(silo))
                telling = grains.GetGrain<ISiloNoticeGrain>(silo.ToParsableString()).HearAsync(notice);
            await telling;
        }
        catch (Exception exception)
        {
            // It is told again soon, and learns what matters from the answer when it asks for something.
            LogNotTold(logger, silo, exception.Message);
        }
    }

    private SiloStatus StatusOf(SiloAddress silo) => membership.CurrentSnapshot.GetSiloStatus(silo);

    [LoggerMessage(53, LogLevel.Information, "The silo {Silo} was not told how much room this one has: {Reason}")]
    private static partial void LogNotTold(ILogger logger, SiloAddress silo, string reason);

    /// <summary>A hint that is taken away again.</summary>
    internal readonly record struct Hint(SiloAddress? Silo) : IDisposable
    {
        public void Dispose()
        {
            if (Silo is not null)
                RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    private sealed class Standing(int room, long at)
    {
        public int Room = room;

        public long At { get; } = at;
    }
}
