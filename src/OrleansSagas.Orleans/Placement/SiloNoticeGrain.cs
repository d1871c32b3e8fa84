using Orleans.Placement;
using Orleans.Runtime;

namespace OrleansSagas.Orleans.Placement;

/// <summary>Tells its silo what the others say of themselves.</summary>
[GrainType("sagas.silo"), PreferLocalPlacement, Immovable]
internal sealed class SiloNoticeGrain(ClusterSilos silos, ILocalSiloDetails here) : Grain, ISiloNoticeGrain
{
    public Task HearAsync(SiloNotice notice)
    {
        if (this.GetPrimaryKeyString() == here.SiloAddress.ToParsableString())
            silos.Hear(notice);
        else
            DeactivateOnIdle(); // the silo that it was for is gone, or does not know this grain
        return Task.CompletedTask;
    }
}
