using OrleansSagas.Plans;

namespace OrleansSagas.Storage;

/// <summary>An engine that may commit.</summary>
/// <param name="Incarnation">Its number.</param>
/// <param name="Name">What the cluster's membership calls it.</param>
/// <param name="Cluster">The cluster that it belongs to; null where it did not say, as earlier releases do not.</param>
/// <param name="Plans">
/// The versions that it defines, as it said when it joined; null where it did not say, as earlier releases do not: then it may define any.
/// </param>
/// <param name="Form">The newest <see cref="StoredForm"/> that it can read.</param>
internal sealed record EngineMember(
    Incarnation Incarnation,
    string Name,
    ClusterIdentity? Cluster,
    IReadOnlyList<PlanIdentity>? Plans,
    int Form
);
