using Orleans.Runtime;
using OrleansSagas.Execution;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Placement;

/// <summary>
/// Knows which silos have which definitions and can read which stored forms, as each told the store when it joined. Silos may differ in a
/// rolling deployment, or for good.
/// </summary>
/// <remarks>
/// A saga is activated where the call comes from. Only a call for a definition that is not there carries a hint that names a silo which has
/// it, and so a cluster whose silos have the same definitions pays nothing. A hint is no promise: a silo that gets a saga whose definition
/// it lacks declines it.
/// </remarks>
internal sealed class ClusterDefinitions(SagaProcesses processes, ISagaStore store, ClusterSilos silos)
{
    private volatile Member[] _others = [];
    private int _turn;

    /// <summary>The cluster's engines, as the store says now; takes note of what definitions they have.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<EngineMember>> ListMembersAsync(ISagaClusterStore shared, CancellationToken cancellation)
    {
        var members = await shared.ListMembersAsync(cancellation);
        var known = _others;
        _others =
        [
            .. members
                .Where(member => member.Incarnation != processes.Incarnation)
                .Select(member => Array.Find(known, other => other.Incarnation == member.Incarnation) ?? new Member(member)),
        ];
        return members;
    }

    /// <summary>
    /// Whether another silo that is alive has what a saga needs, as the store says now. A silo of an earlier release says nothing of its
    /// definitions, and may have it.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<bool> IsElsewhereAsync(SagaNeeds needs)
    {
        if (store is not ISagaClusterStore shared)
            return false;
        await ListMembersAsync(shared, CancellationToken.None);
        return Array.Exists(_others, other => other.MayHave(needs) && !silos.IsGone(other.Silo));
    }

    /// <summary>The definition of a type that another silo has: in the given version, or the newest.</summary>
    public PlanIdentity? Find(string type, int? version) =>
        _others
            .Where(other => silos.IsOpen(other.Silo))
            .SelectMany(other => other.Plans ?? [])
            .Where(plan => plan.Type == type && (version is null || plan.Version == version))
            .MaxBy(plan => plan.Version);

    /// <summary>
    /// Lets the next call go to a silo that has what a saga needs, where this one has not; and to another one where this one is leaving.
    /// Dispose of it when the call was made.
    /// </summary>
    public ClusterSilos.Hint Towards(SagaNeeds? needs)
    {
        var isHere = needs is null || (processes.IsDefined(needs.Plan) && needs.Form <= StoredForm.Newest);
        if (isHere && !processes.IsDraining)
            return default;
        return ClusterSilos.Towards((needs is null ? null : FindSilo(needs)) ?? (isHere ? silos.FindOther() : null));
    }

    /// <summary>
    /// Lets the next call go to the silo that has most room, of those that have the definition; to nowhere where none is known to have
    /// room. Dispose of it when the call was made.
    /// </summary>
    public ClusterSilos.Hint TowardsRoom(PlanIdentity plan)
    {
        var (best, most) = processes.IsDefined(plan) ? (silos.Here, silos.RoomAt(silos.Here)) : (null, 0);
        foreach (var other in _others)
            if (other.MayHave(plan) && silos.RoomAt(other.Silo) is var room && room > most)
                (best, most) = (other.Silo, room);
        if (most == 0 || best is null)
            return default;
        silos.Take(best);
        return ClusterSilos.Towards(best);
    }

    /// <summary>
    /// One of the active silos that have it, in turn; one of those that do not say where none does. Those that leave are not asked.
    /// </summary>
    private SiloAddress? FindSilo(SagaNeeds needs)
    {
        var active = Array.FindAll(_others, other => other.MayHave(needs) && silos.IsOpen(other.Silo));
        var sure = Array.FindAll(active, other => other.Plans is not null);
        var chosen = sure.Length > 0 ? sure : active;
        return chosen.Length == 0 ? null : chosen[(uint)Interlocked.Increment(ref _turn) % chosen.Length].Silo;
    }

    private sealed class Member(EngineMember member)
    {
        public Incarnation Incarnation { get; } = member.Incarnation;

        public SiloAddress Silo { get; } = SiloAddress.FromParsableString(member.Name);

        public HashSet<PlanIdentity>? Plans { get; } = member.Plans?.ToHashSet();

        public bool MayHave(SagaNeeds needs) => member.Form >= needs.Form && MayHave(needs.Plan);

        public bool MayHave(PlanIdentity plan) => Plans is null || Plans.Contains(plan);
    }
}
