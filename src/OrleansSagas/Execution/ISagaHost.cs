namespace OrleansSagas.Execution;

/// <summary>What an engine does for its owners.</summary>
internal interface ISagaHost
{
    /// <summary>Whether the engine is stopping: no attempt is begun any more.</summary>
    bool IsDraining { get; }

    /// <summary>Whether the engine has stopped: nothing is tried any more.</summary>
    bool IsStopped { get; }

    /// <summary>Cancelled when running steps should finish soon.</summary>
    CancellationToken Stopping { get; }

    /// <summary>The owner is done: it takes no messages any more.</summary>
    void Closed(SagaProcess owner);

    /// <summary>Gives a message that came too late for this owner to the next one.</summary>
    void Forward(SagaKey saga, SagaMessage message);

    /// <summary>Loads the saga again after a while: its owner let go although something may be outstanding.</summary>
    void Revive(SagaKey saga);

    /// <summary>An attempt was begun.</summary>
    void AttemptBegan();

    /// <summary>The user's code of an attempt has returned, or is waited for no longer.</summary>
    void AttemptLeft();
}
