using OrleansSagas.Plans;

namespace OrleansSagas.Storage;

/// <summary>What an engine of a cluster says of itself when it joins a store.</summary>
/// <param name="Name">What the cluster's membership calls this engine: 1 to 200 characters.</param>
/// <param name="Cluster">The cluster that it belongs to.</param>
/// <param name="Partitions">Into how many partitions the cluster divides the sagas.</param>
/// <param name="Plans">The versions that it defines.</param>
internal sealed record JoiningEngine(string Name, ClusterIdentity Cluster, int Partitions, IReadOnlyList<PlanIdentity> Plans)
{
    /// <summary>The newest <see cref="StoredForm"/> that it can read.</summary>
    public int Form { get; init; } = StoredForm.Newest;
}
