using NpgsqlTypes;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>The changing part of a saga's row.</summary>
/// <param name="columns">The statement's parameters.</param>
internal sealed class RowColumns(Columns columns)
{
    /// <summary>The columns, in the order of the parameters.</summary>
    internal const string Names = "status, reason, owner, wake_at, ended_at, problem, tags, snapshot_revision, snapshot";

    /// <summary>How many there are.</summary>
    internal const int Count = 9;

    private readonly Column<short> _status = columns.Next<short>(NpgsqlDbType.Smallint);
    private readonly Column<short?> _reason = columns.Next<short?>(NpgsqlDbType.Smallint);
    private readonly Column<long?> _owner = columns.Next<long?>(NpgsqlDbType.Bigint);
    private readonly Column<long?> _wakeAt = columns.Next<long?>(NpgsqlDbType.Bigint);
    private readonly Column<long?> _endedAt = columns.Next<long?>(NpgsqlDbType.Bigint);
    private readonly Column<string?> _problem = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _tags = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<long> _snapshotRevision = columns.Next<long>(NpgsqlDbType.Bigint);
    private readonly Column<ReadOnlyMemory<byte>?> _snapshot = columns.Next<ReadOnlyMemory<byte>?>(NpgsqlDbType.Bytea);

    internal string TagsPlace => _tags.Place;

    internal void Add(SagaRow row)
    {
        _status.Add((short)row.Status);
        _reason.Add((short?)row.Reason);
        _owner.Add(row.Owner?.Value);
        _wakeAt.Add(row.WakeAt?.ToUnixTimeMilliseconds());
        _endedAt.Add(row.EndedAt?.ToUnixTimeMilliseconds());
        _problem.Add(StoreText.Write(row.Problem));
        _tags.Add(TagText.Write(row.Tags, StoreText.Write));
        _snapshotRevision.Add(row.SnapshotRevision);
        _snapshot.Add(row.Snapshot);
    }
}
