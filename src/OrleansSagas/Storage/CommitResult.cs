namespace OrleansSagas.Storage;

/// <summary>What the store answers to a commit.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Number">The store's own number of the saga, where it was committed.</param>
/// <param name="Earlier">The request that used the key before, where the outcome is <see cref="CommitOutcome.DuplicateRequest"/>.</param>
/// <param name="Error">
/// What failed, where the outcome is <see cref="CommitOutcome.NotCommitted"/> or <see cref="CommitOutcome.Unknown"/>; null where it was
/// withdrawn.
/// </param>
internal readonly record struct CommitResult(
    CommitOutcome Outcome,
    long Number = 0,
    StoredRequest? Earlier = null,
    Exception? Error = null
);
