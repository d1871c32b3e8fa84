namespace OrleansSagas.Storage;

/// <summary>The blocking half of a group commit: writes many commits in one transaction.</summary>
internal interface IBatchWriter
{
    /// <summary>
    /// Writes <paramref name="batch"/> and answers each of its commits through <see cref="CommitBatch.Answer"/>. It is not called again
    /// before it has completed, or has been told by <see cref="CommitBatch.TryTakeNextBatch"/> that there is no more to write: then it uses
    /// the batch no more. Commits that it leaves without an answer, because it throws, count as <see cref="CommitOutcome.Unknown"/>.
    /// </summary>
    ValueTask WriteAsync(CommitBatch batch);

    /// <summary>It could only refuse a batch now, so another writer is preferred to it. Default: never.</summary>
    bool IsUnavailable => false;
}
