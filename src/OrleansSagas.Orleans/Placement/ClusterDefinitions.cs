using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansSagas.Execution;
using OrleansSagas.Storing;

namespace OrleansSagas.Orleans.Placement;

/// <summary>Knows which silos have which definitions, as each told the store when it joined. Silos may differ in a rolling deployment, or for good.</summary>
/// <remarks>A saga is activated where the call comes from. Only a call for a definition that is not there carries a hint that names a silo which has it, and so
/// a cluster whose silos have the same definitions pays nothing. A hint is no promise: a silo that gets a saga whose definition it lacks declines it.</remarks>
internal sealed class ClusterDefinitions(SagaProcesses processes, ISagaStore store, IClusterMembershipService membership)
{
    private volatile Member[] _others = [];
    private int _turn;

    /// <summary>Takes note of what the store says of the cluster's engines.</summary>
    public void Update(IReadOnlyList<EngineMember> members)
    {
        var known = _others;
        Member[] others = [.. members.Where(member => member.Incarnation != processes.Incarnation).Select(member =>
            Array.Find(known, other => other.Incarnation == member.Incarnation) ?? new Member(member))];
        _others = others;
    }

    /// <summary>Whether another silo that is alive has the definition, as the store says now. A silo of an earlier release says nothing, and may have it.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<bool> IsDefinedElsewhereAsync(PlanIdentity plan)
    {
        if (store is not ISagaClusterStore shared)
            return false;
        Update(await shared.ListMembersAsync(CancellationToken.None));
        return Array.Exists(_others, other => other.MayHave(plan) && StatusOf(other) is not (SiloStatus.Dead or SiloStatus.None));
    }

    /// <summary>The definition of a type that another silo has: in the given version, or the newest.</summary>
    public PlanIdentity? Find(string type, int? version) => _others
        .Where(other => StatusOf(other) == SiloStatus.Active)
        .SelectMany(other => other.Plans ?? [])
        .Where(plan => plan.Type == type && (version is null || plan.Version == version))
        .MaxBy(plan => plan.Version);

    /// <summary>Lets the next call go to a silo that has the definition, where it is not here. Dispose of it when the call was made.</summary>
    public Hint Towards(PlanIdentity? plan)
    {
        if (plan is null || processes.IsDefined(plan) || FindSilo(plan) is not { } silo)
            return default;
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        return new Hint(IsSet: true);
    }

    /// <summary>One of the active silos that have it, in turn; one of those that do not say where none does. Those that leave are not asked.</summary>
    private SiloAddress? FindSilo(PlanIdentity plan)
    {
        var active = Array.FindAll(_others, other => other.MayHave(plan) && StatusOf(other) == SiloStatus.Active);
        var sure = Array.FindAll(active, other => other.Plans is not null);
        var silos = sure.Length > 0 ? sure : active;
        return silos.Length == 0 ? null : silos[(uint)Interlocked.Increment(ref _turn) % silos.Length].Silo;
    }

    private SiloStatus StatusOf(Member member) => membership.CurrentSnapshot.GetSiloStatus(member.Silo);

    /// <summary>A hint that is taken away again.</summary>
    internal readonly record struct Hint(bool IsSet) : IDisposable
    {
        public void Dispose()
        {
            if (IsSet)
                RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    private sealed class Member(EngineMember member)
    {
        public Incarnation Incarnation { get; } = member.Incarnation;

        public SiloAddress Silo { get; } = SiloAddress.FromParsableString(member.Name);

        public HashSet<PlanIdentity>? Plans { get; } = member.Plans?.ToHashSet();

        public bool MayHave(PlanIdentity plan) => Plans is null || Plans.Contains(plan);
    }
}
