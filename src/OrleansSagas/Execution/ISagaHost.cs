using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>What a process needs of the silo that it is on.</summary>
internal interface ISagaHost
{
    /// <summary>Whether the silo is stopping: no attempt is begun any more.</summary>
    bool IsDraining { get; }

    /// <summary>Whether the silo has stopped: nothing is tried any more.</summary>
    bool IsStopped { get; }

    /// <summary>Cancelled when running steps should finish soon.</summary>
    CancellationToken Stopping { get; }

    /// <summary>The process is closed: it takes no messages any more.</summary>
    void Closed(SagaProcess process);

    /// <summary>Gives a message that came too late for this process to the next one.</summary>
    void Forward(SagaKey saga, SagaMessage message);

    /// <summary>Loads the saga again after a while: its process closed although something may be outstanding.</summary>
    /// <param name="saga">The saga.</param>
    /// <param name="needs">
    /// What it needs that is only elsewhere, where the saga is to be loaded there; null where it is wherever this is.
    /// </param>
    void ScheduleReload(SagaKey saga, SagaNeeds? needs = null);

    /// <summary>Whether another engine that is alive has what a saga needs, as the store says at this moment.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<bool> IsElsewhereAsync(SagaNeeds needs);

    /// <summary>Keeps what runs for the saga's next process here.</summary>
    void Keep(SagaKey saga, KeptAttempts attempts);

    /// <summary>What was kept for a process of the saga; null where nothing was.</summary>
    KeptAttempts? TakeKept(SagaKey saga);

    /// <summary>An attempt was begun.</summary>
    void AttemptBegan();

    /// <summary>The user's code of an attempt has returned, or is waited for no longer.</summary>
    void AttemptLeft();
}
