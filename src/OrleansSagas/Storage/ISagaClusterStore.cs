namespace OrleansSagas.Storage;

/// <summary>A store that several engines can hold at the same time, each under an incarnation of its own.</summary>
internal interface ISagaClusterStore : ISagaStore
{
    /// <summary>
    /// Opens the store for one of many engines, in place of <see cref="ISagaStore.OpenAsync"/>. It forgets no version that another engine
    /// may define. Engines of another cluster, or of this one with another number of partitions, that are dead are shut out; while one of
    /// them lives, joining is refused.
    /// </summary>
    /// <param name="engine">What the engine says of itself.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StoreException">
    /// A Local engine or another cluster holds the store, this cluster has another number of partitions, the schema is newer than this
    /// program, or the store does not answer.
    /// </exception>
    Task<EngineOpened> JoinAsync(JoiningEngine engine, CancellationToken cancellation);

    /// <summary>The engines of this engine's cluster that may commit: those that joined and neither left nor were fenced.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<IReadOnlyList<EngineMember>> ListMembersAsync(CancellationToken cancellation);

    /// <summary>
    /// Shuts an engine out: once this has answered, no commit of that incarnation succeeds any more, not even one that is under way. True
    /// if it was a member.
    /// </summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<bool> FenceAsync(Incarnation incarnation, CancellationToken cancellation);
}
