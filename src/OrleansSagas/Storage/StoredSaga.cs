namespace OrleansSagas.Storage;

/// <summary>A saga as it is loaded: all of one moment.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Number">The store's own number for it.</param>
/// <param name="Identity">What was said of it once.</param>
/// <param name="Row">Its searchable row.</param>
/// <param name="Entries">Its history after <see cref="SagaRow.SnapshotRevision"/>, oldest first.</param>
internal sealed record StoredSaga(SagaKey Key, long Number, SagaIdentity Identity, SagaRow Row, IReadOnlyList<StoredEntry> Entries)
{
    /// <summary>The number of the last entry.</summary>
    internal long Revision => Entries.Count == 0 ? Row.SnapshotRevision : Entries[^1].Revision;

    /// <summary>When the last entry was written, as far as it was loaded; else when the saga started.</summary>
    internal DateTimeOffset UpdatedAt => Entries.Count == 0 ? Identity.StartedAt : Entries[^1].At;
}
