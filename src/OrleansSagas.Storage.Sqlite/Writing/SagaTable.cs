using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>The sagas' rows, and what hangs on them: tags, and the versions that are in use.</summary>
internal sealed class SagaTable
{
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _exists;
    private readonly SqliteStatement _tags;
    private readonly SqliteStatement _insertPlan;
    private readonly TagTable _tagTable;
    private readonly HashSet<PlanIdentity> _plans = [];
    private long _next;

    internal SagaTable(SqliteConnection connection)
    {
        _tagTable = new TagTable(connection);
        _insert = connection.Prepare(
            """
            INSERT INTO saga (no, namespace, id, type, version, fingerprint, started_at, correlation_id, parent_id, root_id,
              request_caller, request_key,
              status, reason, owner, wake_at, ended_at, problem, tags, snapshot_revision, snapshot)
            VALUES (?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT DO NOTHING
            """
        );
        _update = connection.Prepare(
            """
            UPDATE saga SET status = ?1, reason = ?2, owner = ?3, wake_at = ?4, ended_at = ?5, problem = ?6, tags = ?7,
              snapshot_revision = ?8, snapshot = ?9
            WHERE no = ?10
            """
        );
        _exists = connection.Prepare("SELECT 1 FROM saga WHERE namespace = ? AND id = ?");
        _tags = connection.Prepare("SELECT tags FROM saga WHERE no = ?");
        _insertPlan = connection.Prepare("INSERT INTO plan (type, version, fingerprint) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
        _next = 1 + connection.Scalar("SELECT max(purged_to, (SELECT coalesce(max(no), 0) FROM saga)) FROM engine");
    }

    /// <summary>Writes a new saga; false if its id is taken.</summary>
    internal bool TryInsert(SagaKey key, SagaIdentity identity, SagaRow row, RequestKey? startedBy, out long number)
    {
        number = _next;
        Bind(_insert, row, TagText.Write(row.Tags));
        _insert.Bind(11, number);
        _insert.Bind(12, key.Namespace);
        _insert.Bind(13, key.Id.Value);
        _insert.Bind(14, identity.Type);
        _insert.Bind(15, identity.Version);
        _insert.Bind(16, identity.Fingerprint);
        _insert.Bind(17, identity.StartedAt.ToUnixTimeMilliseconds());
        _insert.Bind(18, identity.CorrelationId);
        _insert.Bind(19, identity.ParentId?.Value);
        _insert.Bind(20, identity.RootId?.Value);
        _insert.Bind(21, startedBy?.Caller);
        _insert.Bind(22, startedBy?.Key);
        if (_insert.ExecuteChanges() == 0)
            return false;
        _next++;
        _tagTable.Add(number, key.Namespace, row.Tags);
        Record(identity);
        return true;
    }

    internal void Update(long number, string @namespace, SagaRow row)
    {
        var tags = TagText.Write(row.Tags);
        _tags.Bind(1, number);
        var before = _tags.Step() ? _tags.Row.TextOrNull(0) : null;
        _tags.Reset();
        if (before != tags)
        {
            _tagTable.Remove(number, @namespace, TagText.Read(before));
            _tagTable.Add(number, @namespace, row.Tags);
        }

        Bind(_update, row, tags);
        _update.Bind(10, number);
        _update.Execute();
    }

    internal bool Exists(SagaKey key)
    {
        _exists.Bind(1, key.Namespace);
        _exists.Bind(2, key.Id.Value);
        var exists = _exists.Step();
        if (exists)
            _exists.Reset();
        return exists;
    }

    /// <summary>
    /// Forgets which versions are written. Numbers go on: a gap harms nobody, and a number that was told to someone never names another
    /// saga.
    /// </summary>
    internal void Forget() => _plans.Clear();

    private void Record(SagaIdentity identity)
    {
        var plan = new PlanIdentity(identity.Type, identity.Version, identity.Fingerprint);
        if (!_plans.Add(plan))
            return;
        _insertPlan.Bind(1, plan.Type);
        _insertPlan.Bind(2, plan.Version);
        _insertPlan.Bind(3, plan.Fingerprint);
        _insertPlan.Execute();
    }

    private static void Bind(SqliteStatement statement, SagaRow row, string? tags)
    {
        statement.Bind(1, (long)row.Status);
        statement.Bind(2, (long?)row.Reason);
        statement.Bind(3, row.Owner?.Value);
        statement.Bind(4, row.WakeAt);
        statement.Bind(5, row.EndedAt);
        statement.Bind(6, row.Problem);
        statement.Bind(7, tags);
        statement.Bind(8, row.SnapshotRevision);
        statement.Bind(9, row.Snapshot);
    }
}
