using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>The columns of a saga's row in the order in which they are read.</summary>
internal static class SagaColumns
{
    internal const string All =
        "s.no, s.namespace, s.id, s.type, s.version, s.fingerprint, s.started_at, s.correlation_id, s.parent_id, s.status, s.reason, "
        + "s.owner, s.wake_at, s.ended_at, s.problem, s.tags, s.snapshot_revision, s.root_id";

    internal const int Number = 0;
    internal const int Snapshot = 18;

    internal static SagaKey ReadKey(NpgsqlDataReader reader) => new(reader.GetString(1), new SagaId(reader.GetString(2)));

    internal static SagaIdentity ReadIdentity(NpgsqlDataReader reader) =>
        new()
        {
            Type = StoreText.Read(reader.GetString(3)),
            Version = reader.GetInt32(4),
            Fingerprint = StoreText.Read(reader.GetString(5)),
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(6)),
            CorrelationId = TextOrNull(reader, 7),
            ParentId = TextOrNull(reader, 8) is { } parent ? new SagaId(parent) : null,
            RootId = TextOrNull(reader, 17) is { } root ? new SagaId(root) : null,
        };

    internal static SagaRow ReadRow(NpgsqlDataReader reader) =>
        new()
        {
            Status = (SagaStatus)reader.GetInt16(9),
            Reason = reader.IsDBNull(10) ? null : (SagaEndReason)reader.GetInt16(10),
            Owner = reader.IsDBNull(11) ? null : new Incarnation(reader.GetInt64(11)),
            WakeAt = TimeOrNull(reader, 12),
            EndedAt = TimeOrNull(reader, 13),
            Problem = TextOrNull(reader, 14),
            Tags = TagText.Read(reader.IsDBNull(15) ? null : reader.GetString(15)),
            SnapshotRevision = reader.GetInt64(16),
        };

    internal static string? TextOrNull(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : StoreText.Read(reader.GetString(ordinal));

    private static DateTimeOffset? TimeOrNull(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(ordinal));
}
