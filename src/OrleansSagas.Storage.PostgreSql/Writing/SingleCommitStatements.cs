using Npgsql;
using NpgsqlTypes;
using OrleansSagas.Storing;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>The statements that write a batch of one commit: for a start, for entries, and for entries with the row. To the server each costs about half of what
/// <see cref="BatchStatement"/> does with one commit.</summary>
/// <remarks>Each writes all of the commit, or nothing where anything stands in its way. What that is only <see cref="BatchStatement"/> finds out.</remarks>
internal sealed class SingleCommitStatements : IDisposable
{
    // As in commit_batch: whoever fences this writer waits for what is under way, and nothing comes after.
    private const string Alive = "alive AS MATERIALIZED (SELECT 1 FROM writer WHERE engine = $1 AND no = $2 AND epoch = $3 FOR SHARE)";

    private const string EntryNames = "saga, revision, at, commit_id, format, name, actor, causation_id, trace_parent, content_type, codec, body, data";
    private const string EntryValues = "e.revision, e.at, e.commit_id, e.format, e.name, e.actor, e.causation_id, e.trace_parent, e.content_type, e.codec, e.body, e.data";
    private const string RowNames = "status, reason, owner, wake_at, ended_at, problem, tags, snapshot_revision, snapshot";

    private readonly Incarnation _incarnation;
    private readonly int _writer;
    private readonly Statement _start;
    private readonly Statement _append;
    private readonly Statement _move;

    internal SingleCommitStatements(NpgsqlConnection connection, Incarnation incarnation, int writer, long epoch)
    {
        (_incarnation, _writer, Epoch) = (incarnation, writer, epoch);
        _append = new Statement(
            connection,
            [NpgsqlDbType.Bigint, NpgsqlDbType.Bigint],
            entries => $"""
                WITH {Alive}
                INSERT INTO history ({EntryNames})
                SELECT $4, {EntryValues} FROM alive, {Unnest(entries)}
                WHERE (SELECT h.revision FROM history h WHERE h.saga = $4 ORDER BY h.revision DESC LIMIT 1) = $5
                """);
        _move = new Statement(
            connection,
            [NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, .. Row],
            entries => $"""
                WITH {Alive},
                moved AS (
                  UPDATE saga s SET ({RowNames}) = ($6, $7, $8, $9, $10, $11, $12, $13, $14) FROM alive
                  WHERE s.no = $4 AND s.tags IS NOT DISTINCT FROM $12
                    AND (SELECT h.revision FROM history h WHERE h.saga = $4 ORDER BY h.revision DESC LIMIT 1) = $5
                  RETURNING 1)
                INSERT INTO history ({EntryNames})
                SELECT $4, {EntryValues} FROM moved, {Unnest(entries)}
                """);
        _start = new Statement(
            connection,
            [
                NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Integer, NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Text, NpgsqlDbType.Text,
                .. Row,
                NpgsqlDbType.Text, NpgsqlDbType.Bytea, NpgsqlDbType.Array | NpgsqlDbType.Text, NpgsqlDbType.Array | NpgsqlDbType.Text,
            ],
            entries => $"""
                WITH {Alive},
                free AS MATERIALIZED (
                  SELECT 1 FROM alive
                  WHERE NOT EXISTS (SELECT 1 FROM saga s WHERE s.id = $5 AND s.namespace = $4)
                    AND NOT EXISTS (SELECT 1 FROM request q WHERE q.key = $21 AND q.namespace = $4)),
                asked AS (INSERT INTO request (namespace, key, hash, saga) SELECT $4, $21, $22, $5 FROM free WHERE $21 IS NOT NULL RETURNING 1),
                begun AS (
                  INSERT INTO saga (no, namespace, id, type, version, fingerprint, started_at, correlation_id, parent_id, request_key, {RowNames})
                  SELECT nextval('saga_no'), $4, $5, $6, $7, $8, $9, $10, $11, $21, $12, $13, $14, $15, $16, $17, $18, $19, $20 FROM free
                  WHERE $21 IS NULL OR EXISTS (SELECT 1 FROM asked) -- the request first: two transactions meet there before they hold anything else
                  RETURNING no),
                tagged AS (INSERT INTO tag (namespace, name, value, saga) SELECT $4, t.name, t.value, b.no FROM begun b, unnest($23, $24) AS t (name, value)),
                told AS (INSERT INTO history ({EntryNames}) SELECT b.no, {EntryValues} FROM begun b, {Unnest(entries)})
                SELECT no FROM begun
                """);
    }

    /// <summary>Which connection of the writer this is.</summary>
    internal long Epoch { private get; set; }

    private static NpgsqlDbType[] Row =>
    [
        NpgsqlDbType.Smallint, NpgsqlDbType.Smallint, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Bigint,
        NpgsqlDbType.Bytea,
    ];

    public void Dispose()
    {
        _start.Dispose();
        _append.Dispose();
        _move.Dispose();
    }

    /// <summary>Writes <paramref name="commit"/> in a transaction of its own, and returns only when the server has said that it is over.</summary>
    /// <returns>The saga's number; null where nothing was written.</returns>
    internal long? Write(SagaCommit commit)
    {
        if (commit.Entries.Count == 0)
            return null;
        if (commit.NewSaga is { } identity)
            return Starts(commit) ? Start(commit, identity) : null;
        if (commit is not { Request: null, Number: { } number })
            return null;
        var statement = commit.Row is null ? _append : _move;
        Begin(statement);
        statement.Set(number);
        statement.Set(commit.ExpectedRevision);
        if (commit.Row is { } row)
            Set(statement, row);
        return statement.Run(number, commit.Entries) == commit.Entries.Count ? number : null;
    }

    /// <summary>Whether its request, where it has one, is the one that starts this saga.</summary>
    private static bool Starts(SagaCommit commit) =>
        commit.Request is null || (commit.Request.Saga == commit.Saga.Id && commit.Request.Namespace == commit.Saga.Namespace);

    private long? Start(SagaCommit commit, SagaIdentity identity)
    {
        var row = commit.Row!;
        Begin(_start);
        _start.Set(commit.Saga.Namespace);
        _start.Set(commit.Saga.Id.Value);
        _start.Set(StoreText.Write(identity.Type));
        _start.Set(identity.Version);
        _start.Set(StoreText.Write(identity.Fingerprint));
        _start.Set(identity.StartedAt.ToUnixTimeMilliseconds());
        _start.Set(StoreText.Write(identity.CorrelationId));
        _start.Set(identity.ParentId?.Value);
        Set(_start, row);
        _start.Set(StoreText.Write(commit.Request?.Key));
        _start.Set(commit.Request?.Hash);
        _start.Set(row.Tags.Count == 0 ? null : row.Tags.Select(tag => StoreText.Write(tag.Key)).ToArray());
        _start.Set(row.Tags.Count == 0 ? null : row.Tags.Select(tag => StoreText.Write(tag.Value)).ToArray());
        return _start.Ask(commit.Entries);
    }

    private void Begin(Statement statement)
    {
        statement.Clear();
        statement.Set(_incarnation.Value);
        statement.Set(_writer);
        statement.Set(Epoch);
    }

    private static void Set(Statement statement, SagaRow row)
    {
        statement.Set((short)row.Status);
        statement.Set((short?)row.Reason);
        statement.Set(row.Owner?.Value);
        statement.Set(row.WakeAt?.ToUnixTimeMilliseconds());
        statement.Set(row.EndedAt?.ToUnixTimeMilliseconds());
        statement.Set(StoreText.Write(row.Problem));
        statement.Set(TagText.Write(row.Tags));
        statement.Set(row.SnapshotRevision);
        statement.Set(row.Snapshot);
    }

    private static string Unnest(string entries) => $"unnest({entries}) AS e ({EntryNames})";

    /// <summary>One statement: its writer, what is its own, and the entries as arrays.</summary>
    private sealed class Statement : IDisposable
    {
        private readonly NpgsqlCommand _command;
        private readonly List<Column> _columns = [];
        private readonly EntryColumns _entries;
        private int _next;

        internal Statement(NpgsqlConnection connection, NpgsqlDbType[] own, Func<string, string> text)
        {
            _command = connection.CreateCommand();
            foreach (var type in (NpgsqlDbType[])[NpgsqlDbType.Bigint, NpgsqlDbType.Integer, NpgsqlDbType.Bigint, .. own])
                _command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
            var first = _command.Parameters.Count + 1;
            _entries = new EntryColumns(_command.Parameters, _columns);
            _command.CommandText = text(string.Join(", ", Enumerable.Range(first, _columns.Count).Select(i => FormattableString.Invariant($"${i}"))));
            _command.Prepare();
        }

        public void Dispose() => _command.Dispose();

        internal void Clear()
        {
            _next = 0;
            foreach (var column in _columns)
                column.Clear();
        }

        internal void Set(object? value) => _command.Parameters[_next++].Value = value ?? DBNull.Value;

        /// <summary>Writes the entries, and says how many were written.</summary>
        internal int Run(long saga, IReadOnlyList<StoredEntry> entries)
        {
            Seal(saga, entries);
            return _command.ExecuteNonQuery();
        }

        /// <summary>Writes the entries of a saga that gets its number now, and says the number.</summary>
        internal long? Ask(IReadOnlyList<StoredEntry> entries)
        {
            Seal(0, entries);
            using var reader = _command.ExecuteReader();
            long? number = reader.Read() ? reader.GetInt64(0) : null;

            // The row comes before the COMMIT: only what follows it says that the transaction is durable.
            reader.NextResult();
            return number;
        }

        private void Seal(long saga, IReadOnlyList<StoredEntry> entries)
        {
            for (var i = 0; i < entries.Count; i++)
                _entries.Add(saga, entries[i]);
            foreach (var column in _columns)
                column.Seal();
        }
    }
}
