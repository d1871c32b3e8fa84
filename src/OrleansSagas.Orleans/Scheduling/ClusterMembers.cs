using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Scheduling;

/// <summary>Brings what the store holds of living engines in line with the cluster's membership.</summary>
internal sealed partial class ClusterMembers(
    SagaProcesses processes,
    ISagaStore store,
    IClusterMembershipService membership,
    ClusterDefinitions definitions,
    ILogger<ClusterMembers> logger
)
{
    /// <summary>
    /// Shuts out the engines of dead silos, so that nothing that one of them still does is committed, and answers who is left.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<IReadOnlyCollection<Incarnation>> FenceDeadAsync(CancellationToken cancellation)
    {
        if (store is not ISagaClusterStore shared)
            return [processes.Incarnation];
        var members = await definitions.ListMembersAsync(shared, cancellation);
        if (!members.All(IsAlive))
        {
            // A silo is a member of the cluster before the store knows it: so whoever is not in a view that is newer than the list is no
            // more.
            await membership.Refresh(default, cancellation);
        }

        var alive = new List<Incarnation>(members.Count);
        foreach (var member in members)
        {
            if (IsAlive(member))
                alive.Add(member.Incarnation);
            else if (await shared.FenceAsync(member.Incarnation, cancellation))
                LogFenced(logger, member.Incarnation.Value, member.Name);
        }

        return alive;
    }

    /// <summary>The engines of the other silos that the store knows.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<IReadOnlyCollection<Incarnation>> ListOthersAsync(CancellationToken cancellation)
    {
        if (store is not ISagaClusterStore shared)
            return [];
        var members = await definitions.ListMembersAsync(shared, cancellation);
        return [.. members.Select(member => member.Incarnation).Where(other => other != processes.Incarnation)];
    }

    private bool IsAlive(EngineMember member) =>
        member.Incarnation == processes.Incarnation
        || membership.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(member.Name))
            is not (SiloStatus.Dead or SiloStatus.None);

    [LoggerMessage(
        43,
        LogLevel.Information,
        "The engine {Incarnation} of the silo {Silo} is shut out: the cluster declared its silo dead."
    )]
    private static partial void LogFenced(ILogger logger, long incarnation, string silo);
}
