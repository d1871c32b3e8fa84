namespace OrleansSagas.Decisions;

/// <summary>What is to be done for a saga: computed from its state, and after a crash computed again.</summary>
/// <param name="Work">The attempt to make; null for none. It may be due only later.</param>
/// <param name="WakeAt">When to give it <see cref="SagaCommand.TimePassed"/> or begin the attempt; null for no such time.</param>
internal readonly record struct PendingWork(WorkItem? Work, DateTimeOffset? WakeAt)
{
    /// <summary>Whether nothing is to be done until someone acts.</summary>
    public bool IsNothing => Work is null && WakeAt is null;
}
