namespace OrleansSagas.Notifications;

/// <summary>
/// Carries news of changes between the processes of a cluster. It may lose some: a watcher looks for itself now and then.
/// </summary>
internal interface IWatchRelay
{
    /// <summary>Somebody here has begun to watch a saga that nobody here watched; it may be held elsewhere.</summary>
    void Watched(SagaKey saga);

    /// <summary>A saga that is held here changed.</summary>
    void Changed(SagaKey saga, long revision);
}
