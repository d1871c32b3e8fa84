namespace OrleansSagas.Storing;

/// <summary>A store that several engines can hold at the same time, each under an incarnation of its own.</summary>
public interface ISagaClusterStore : ISagaStore
{
    /// <summary>Opens the store for one of many engines, in place of <see cref="ISagaStore.OpenAsync"/>. It forgets no version that another engine may define.</summary>
    /// <param name="name">What the cluster's membership calls this engine: 1 to 200 characters.</param>
    /// <param name="plans">The versions that it defines.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StoreException">A Local engine holds the store, its schema is newer than this program, or it does not answer.</exception>
    Task<EngineOpened> JoinAsync(string name, IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation);

    /// <summary>The engines that may commit: those that joined and neither left nor were fenced.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<IReadOnlyList<EngineMember>> ListMembersAsync(CancellationToken cancellation);

    /// <summary>Shuts an engine out: once this has answered, no commit of that incarnation succeeds any more, not even one that is under way. True if it was a member.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<bool> FenceAsync(Incarnation incarnation, CancellationToken cancellation);
}
