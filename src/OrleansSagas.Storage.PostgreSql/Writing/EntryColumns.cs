using Npgsql;
using NpgsqlTypes;
using OrleansSagas.Payloads;
using OrleansSagas.Storing;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>History entries as columns, in the order of the statement's parameters.</summary>
internal sealed class EntryColumns
{
    private readonly Column<long> _saga;
    private readonly Column<long> _revision;
    private readonly Column<long> _at;
    private readonly Column<long> _commitId;
    private readonly Column<int> _format;
    private readonly Column<string?> _name;
    private readonly Column<string?> _actor;
    private readonly Column<string?> _causationId;
    private readonly Column<string?> _traceParent;
    private readonly Column<string?> _contentType;
    private readonly Column<string?> _codec;
    private readonly Column<ReadOnlyMemory<byte>> _body;
    private readonly Column<ReadOnlyMemory<byte>?> _data;

    internal EntryColumns(NpgsqlParameterCollection parameters, List<Column> all)
    {
        all.AddRange([
            _saga = new(parameters, NpgsqlDbType.Bigint),
            _revision = new(parameters, NpgsqlDbType.Bigint),
            _at = new(parameters, NpgsqlDbType.Bigint),
            _commitId = new(parameters, NpgsqlDbType.Bigint),
            _format = new(parameters, NpgsqlDbType.Integer),
            _name = new(parameters, NpgsqlDbType.Text),
            _actor = new(parameters, NpgsqlDbType.Text),
            _causationId = new(parameters, NpgsqlDbType.Text),
            _traceParent = new(parameters, NpgsqlDbType.Text),
            _contentType = new(parameters, NpgsqlDbType.Text),
            _codec = new(parameters, NpgsqlDbType.Text),
            _body = new(parameters, NpgsqlDbType.Bytea),
            _data = new(parameters, NpgsqlDbType.Bytea),
        ]);
    }

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
        _contentType.Add(entry.Data is { ContentType: not Payload.Json } typed ? StoreText.Write(typed.ContentType) : null);
        _codec.Add(entry.Data is { Codec: not Payload.Identity } coded ? StoreText.Write(coded.Codec) : null);
        _body.Add(entry.Body);
        _data.Add(entry.Data?.Bytes);
    }
}
