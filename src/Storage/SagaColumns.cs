namespace OrleansSagas.Storage;

/// <summary>The columns of a saga's row (s) in the order in which they are read.</summary>
internal static class SagaColumns
{
    internal const string All =
        "s.no, s.namespace, s.id, s.type, s.version, s.fingerprint, s.started_at, s.correlation_id, s.parent_id, s.status, s.reason, "
        + "s.owner, s.wake_at, s.ended_at, s.problem, s.tags, s.snapshot_revision, s.root_id";

    internal const string AllAndSnapshot = All + ", s.snapshot";

    internal const int Number = 0;
    private const int Snapshot = 18;

    internal static StoredSummary ReadSummary<TRow>(TRow row)
        where TRow : struct, IResultRow => new(row.Key(1), ReadIdentity(row), ReadRow(row));

    /// <summary>A saga with its snapshot, and still without entries.</summary>
    internal static StoredSaga ReadSaga<TRow>(TRow row, SagaKey key)
        where TRow : struct, IResultRow =>
        new(
            key,
            row.Int64(Number),
            ReadIdentity(row),
            row.IsNull(Snapshot) ? ReadRow(row) : ReadRow(row) with { Snapshot = row.Bytes(Snapshot) },
            []
        );

    private static SagaIdentity ReadIdentity<TRow>(TRow row)
        where TRow : struct, IResultRow =>
        new()
        {
            Type = row.Text(3),
            Version = row.Int32(4),
            Fingerprint = row.Text(5),
            StartedAt = row.Time(6),
            CorrelationId = row.TextOrNull(7),
            ParentId = row.SagaIdOrNull(8),
            RootId = row.SagaIdOrNull(17),
        };

    private static SagaRow ReadRow<TRow>(TRow row)
        where TRow : struct, IResultRow =>
        new()
        {
            Status = (SagaStatus)row.Int64(9),
            Reason = (SagaEndReason?)row.Int64OrNull(10),
            Owner = row.Int64OrNull(11) is { } owner ? new Incarnation(owner) : null,
            WakeAt = row.TimeOrNull(12),
            EndedAt = row.TimeOrNull(13),
            Problem = row.TextOrNull(14),
            Tags = row.Tags(15),
            SnapshotRevision = row.Int64(16),
        };
}
