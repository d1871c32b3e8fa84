using Npgsql;
using NpgsqlTypes;
using OrleansSagas.Storing;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>The changing part of sagas' rows as columns, in the order of the statement's parameters.</summary>
internal sealed class RowColumns
{
    private readonly Column<short> _status;
    private readonly Column<short?> _reason;
    private readonly Column<long?> _owner;
    private readonly Column<long?> _wakeAt;
    private readonly Column<long?> _endedAt;
    private readonly Column<string?> _problem;
    private readonly Column<string?> _tags;
    private readonly Column<long> _snapshotRevision;
    private readonly Column<ReadOnlyMemory<byte>?> _snapshot;

    internal RowColumns(NpgsqlParameterCollection parameters, List<Column> all)
    {
        all.AddRange([
            _status = new(parameters, NpgsqlDbType.Smallint),
            _reason = new(parameters, NpgsqlDbType.Smallint),
            _owner = new(parameters, NpgsqlDbType.Bigint),
            _wakeAt = new(parameters, NpgsqlDbType.Bigint),
            _endedAt = new(parameters, NpgsqlDbType.Bigint),
            _problem = new(parameters, NpgsqlDbType.Text),
            _tags = new(parameters, NpgsqlDbType.Text),
            _snapshotRevision = new(parameters, NpgsqlDbType.Bigint),
            _snapshot = new(parameters, NpgsqlDbType.Bytea),
        ]);
    }

    internal void Add(SagaRow row)
    {
        _status.Add((short)row.Status);
        _reason.Add((short?)row.Reason);
        _owner.Add(row.Owner?.Value);
        _wakeAt.Add(row.WakeAt?.ToUnixTimeMilliseconds());
        _endedAt.Add(row.EndedAt?.ToUnixTimeMilliseconds());
        _problem.Add(StoreText.Write(row.Problem));
        _tags.Add(TagText.Write(row.Tags));
        _snapshotRevision.Add(row.SnapshotRevision);
        _snapshot.Add(row.Snapshot);
    }
}
