using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Reading;

/// <summary>The columns of a saga's row in the order in which they are read.</summary>
internal static class SagaColumns
{
    internal const string All =
        "s.no, s.namespace, s.id, s.type, s.version, s.fingerprint, s.started_at, s.correlation_id, s.parent_id, s.status, s.reason, "
        + "s.owner, s.wake_at, s.ended_at, s.problem, s.tags, s.snapshot_revision, s.root_id";

    internal const int Number = 0;
    internal const int Count = 18;

    internal static SagaKey ReadKey(SqliteStatement statement) => new(statement.Text(1), new SagaId(statement.Text(2)));

    internal static SagaIdentity ReadIdentity(SqliteStatement statement) =>
        new()
        {
            Type = statement.Text(3),
            Version = (int)statement.Int64(4),
            Fingerprint = statement.Text(5),
            StartedAt = statement.Time(6),
            CorrelationId = statement.TextOrNull(7),
            ParentId = statement.TextOrNull(8) is { } parent ? new SagaId(parent) : null,
            RootId = statement.TextOrNull(17) is { } root ? new SagaId(root) : null,
        };

    internal static SagaRow ReadRow(SqliteStatement statement) =>
        new()
        {
            Status = (SagaStatus)statement.Int64(9),
            Reason = (SagaEndReason?)statement.Int64OrNull(10),
            Owner = statement.Int64OrNull(11) is { } owner ? new Incarnation(owner) : null,
            WakeAt = statement.TimeOrNull(12),
            EndedAt = statement.TimeOrNull(13),
            Problem = statement.TextOrNull(14),
            Tags = TagText.Read(statement.TextOrNull(15)),
            SnapshotRevision = statement.Int64(16),
        };
}
