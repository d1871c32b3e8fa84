using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace OrleansSagas.Bench.Raw;

/// <summary>
/// The one table of the bare writer, in PostgreSQL: one prepared statement that unnests three arrays, one round trip for each transaction.
/// </summary>
internal sealed class RawPostgres : IRawDatabase
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _insert;
    private readonly List<string> _sagas = [];
    private readonly List<int> _revisions = [];
    private readonly List<ReadOnlyMemory<byte>> _payloads = [];

    /// <summary>Makes the schema and its table anew.</summary>
    public RawPostgres(string server, string schema)
    {
        _connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server) { Pooling = false, SearchPath = schema }.ConnectionString
        );
        _connection.Open();
        using var create = new NpgsqlCommand(
            $"""
            DROP SCHEMA IF EXISTS {schema} CASCADE;
            CREATE SCHEMA {schema};
            CREATE TABLE entry (
                saga text COLLATE "C" NOT NULL,
                revision int NOT NULL,
                payload bytea NOT NULL,
                PRIMARY KEY (saga, revision)
            )
            """,
            _connection
        );
        create.ExecuteNonQuery();
        _insert = new NpgsqlCommand("INSERT INTO entry (saga, revision, payload) SELECT * FROM unnest($1, $2, $3)", _connection)
        {
            Parameters =
            {
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = _sagas },
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer, Value = _revisions },
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, Value = _payloads },
            },
        };
        _insert.Prepare();
    }

    /// <inheritdoc />
    public void Insert(ReadOnlySpan<RawSaga> rows)
    {
        _sagas.Clear();
        _revisions.Clear();
        _payloads.Clear();
        foreach (var row in rows)
        {
            _sagas.Add(Encoding.ASCII.GetString(row.Id));
            _revisions.Add(row.Revision);
            _payloads.Add(row.Payload);
        }

        try
        {
            _ = _insert.ExecuteNonQuery();
        }
        catch (NpgsqlException e)
        {
            throw new RawDatabaseException(e.Message);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }
}
