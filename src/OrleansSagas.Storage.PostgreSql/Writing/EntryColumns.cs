using NpgsqlTypes;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>History entries.</summary>
/// <param name="columns">The statement's parameters.</param>
internal sealed class EntryColumns(Columns columns)
{
    /// <summary>The columns, in the order of the parameters.</summary>
    internal const string Names =
        "saga, revision, at, commit_id, format, name, actor, causation_id, trace_parent, content_type, codec, key_id, body, data";

    /// <summary>How many there are.</summary>
    internal const int Count = 14;

    private readonly Column<long> _saga = columns.Next<long>(NpgsqlDbType.Bigint);
    private readonly Column<long> _revision = columns.Next<long>(NpgsqlDbType.Bigint);
    private readonly Column<long> _at = columns.Next<long>(NpgsqlDbType.Bigint);
    private readonly Column<long> _commitId = columns.Next<long>(NpgsqlDbType.Bigint);
    private readonly Column<int> _format = columns.Next<int>(NpgsqlDbType.Integer);
    private readonly Column<string?> _name = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _actor = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _causationId = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _traceParent = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _contentType = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _codec = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<string?> _keyId = columns.Next<string?>(NpgsqlDbType.Text);
    private readonly Column<ReadOnlyMemory<byte>> _body = columns.Next<ReadOnlyMemory<byte>>(NpgsqlDbType.Bytea);
    private readonly Column<ReadOnlyMemory<byte>?> _data = columns.Next<ReadOnlyMemory<byte>?>(NpgsqlDbType.Bytea);

    internal void Add(long saga, StoredEntry entry)
    {
        _saga.Add(saga);
        _revision.Add(entry.Revision);
        _at.Add(entry.At.ToUnixTimeMilliseconds());
        _commitId.Add(entry.Commit.Value);
        _format.Add(entry.Format);
        _name.Add(StoreText.Write(entry.Name));
        _actor.Add(StoreText.Write(entry.Actor));
        _causationId.Add(StoreText.Write(entry.CausationId));
        _traceParent.Add(StoreText.Write(entry.TraceParent));
        _contentType.Add(StoreText.Write(HistoryColumns.ContentType(entry.Data)));
        _codec.Add(StoreText.Write(HistoryColumns.Codec(entry.Data)));
        _keyId.Add(StoreText.Write(entry.Data?.KeyId));
        _body.Add(entry.Body);
        _data.Add(entry.Data?.Bytes);
    }
}
