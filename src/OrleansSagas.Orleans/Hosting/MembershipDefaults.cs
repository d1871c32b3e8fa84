using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace OrleansSagas.Orleans.Hosting;

/// <summary>How the silos watch each other where the application left Orleans' own, slower defaults.</summary>
/// <remarks>
/// A silo that does not answer is declared dead after three probes, each of which is given more time where the one before was in vain: at
/// once where its connections are refused, in less than twenty seconds where it only hangs.
/// </remarks>
internal sealed class MembershipDefaults : IPostConfigureOptions<ClusterMembershipOptions>
{
    private static readonly ClusterMembershipOptions Orleans = new();

    public void PostConfigure(string? name, ClusterMembershipOptions options)
    {
        // The longest probe follows from the probe where it is not set: so it is looked at first.
        if (options.MaxProbeTimeout == Orleans.MaxProbeTimeout)
            options.MaxProbeTimeout = TimeSpan.FromSeconds(4);
        if (options.ProbeTimeout == Orleans.ProbeTimeout)
            options.ProbeTimeout = TimeSpan.FromSeconds(2);
        if (options.TableRefreshTimeout == Orleans.TableRefreshTimeout)
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);

        // Three of them, the time to start and the joining silo's next try together: a lone silo at a new address goes on within twenty
        // seconds.
        if (options.IAmAliveTablePublishTimeout == Orleans.IAmAliveTablePublishTimeout)
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(4);
    }
}
