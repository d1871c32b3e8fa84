using Npgsql;
using NpgsqlTypes;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>
/// The statements that write a batch of one commit: for a start, for entries, and for entries with the row. To the server each costs about
/// half of what <see cref="BatchStatement"/> does with one commit.
/// </summary>
/// <remarks>
/// Each writes all of the commit, or nothing where anything stands in its way. What that is only <see cref="BatchStatement"/> finds out.
/// </remarks>
internal sealed class SingleCommitStatements : IDisposable
{
    // As in commit_batch: whoever fences this writer waits for what is under way, and nothing comes after.
    private const string Alive = "alive AS MATERIALIZED (SELECT 1 FROM writer WHERE engine = $1 AND no = $2 AND epoch = $3 FOR SHARE)";

    private const string EntryValues =
        "e.revision, e.at, e.commit_id, e.format, e.name, e.actor, e.causation_id, e.trace_parent, e.content_type, e.codec, e.key_id, "
        + "e.body, e.data";

    private readonly Statement _append;
    private readonly Guard _appendGuard;

    private readonly Statement _move;
    private readonly Guard _moveGuard;
    private readonly RowColumns _moveRow;

    private readonly Statement _start;
    private readonly IdentityColumns _startIdentity;
    private readonly RowColumns _startRow;
    private readonly Column<ReadOnlyMemory<byte>?> _startHash;
    private readonly Column<short?> _startHashVersion;
    private readonly Column<string> _startTagName;
    private readonly Column<string> _startTagValue;

    internal SingleCommitStatements(NpgsqlConnection connection, Incarnation incarnation, int writer, long epoch)
    {
        _append = new Statement(connection, incarnation, writer);
        _appendGuard = new Guard(_append.Values);
        _append.Prepare(entries =>
            $"""
                WITH {Alive}
                INSERT INTO history ({EntryColumns.Names})
                SELECT $4, {EntryValues} FROM alive, {entries}
                WHERE (SELECT h.revision FROM history h WHERE h.saga = $4 ORDER BY h.revision DESC LIMIT 1) = $5
                """
        );

        _move = new Statement(connection, incarnation, writer);
        _moveGuard = new Guard(_move.Values);
        _moveRow = new RowColumns(_move.Values);
        _move.Prepare(entries =>
            $"""
                WITH {Alive},
                moved AS (
                  UPDATE saga s SET ({RowColumns.Names}) = ({Columns.Places(6, RowColumns.Count)}) FROM alive
                  WHERE s.no = $4 AND s.tags IS NOT DISTINCT FROM {_moveRow.TagsPlace}
                    AND (SELECT h.revision FROM history h WHERE h.saga = $4 ORDER BY h.revision DESC LIMIT 1) = $5
                  RETURNING 1)
                INSERT INTO history ({EntryColumns.Names})
                SELECT $4, {EntryValues} FROM moved, {entries}
                """
        );

        _start = new Statement(connection, incarnation, writer);
        _startIdentity = new IdentityColumns(_start.Values);
        _startRow = new RowColumns(_start.Values);
        _startHash = _start.Values.Next<ReadOnlyMemory<byte>?>(NpgsqlDbType.Bytea);
        _startHashVersion = _start.Values.Next<short?>(NpgsqlDbType.Smallint);
        _startTagName = _start.Arrays.Next<string>(NpgsqlDbType.Text);
        _startTagValue = _start.Arrays.Next<string>(NpgsqlDbType.Text);
        var (@namespace, id) = (_startIdentity.NamespacePlace, _startIdentity.IdPlace);
        var (caller, key) = (_startIdentity.CallerPlace, _startIdentity.KeyPlace);
        _start.Prepare(entries =>
            $"""
                WITH {Alive},
                free AS MATERIALIZED (
                  SELECT 1 FROM alive
                  WHERE NOT EXISTS (SELECT 1 FROM saga s WHERE s.id = {id} AND s.namespace = {@namespace})
                    AND NOT EXISTS (SELECT 1 FROM request q
                      WHERE q.key = {key} AND q.namespace = {@namespace} AND q.caller IN ({caller}, ''))),
                asked AS (
                  INSERT INTO request (namespace, caller, key, hash, saga, hash_version)
                  SELECT {@namespace}, {caller}, {key}, {_startHash.Place}, {id}, {_startHashVersion.Place} FROM free
                  WHERE {key} IS NOT NULL
                  RETURNING 1),
                begun AS (
                  INSERT INTO saga (no, {IdentityColumns.Names}, {RowColumns.Names})
                  SELECT nextval('saga_no'), {Columns.Places(4, IdentityColumns.Count + RowColumns.Count)} FROM free
                  -- The request first: two transactions meet there before they hold anything else.
                  WHERE {key} IS NULL OR EXISTS (SELECT 1 FROM asked)
                  RETURNING no),
                tagged AS (INSERT INTO tag (namespace, name, value, saga) SELECT {@namespace}, t.name, t.value, b.no
                  FROM begun b, unnest({_startTagName.Place}, {_startTagValue.Place}) AS t (name, value)),
                told AS (INSERT INTO history ({EntryColumns.Names}) SELECT b.no, {EntryValues} FROM begun b, {entries})
                SELECT no FROM begun
                """
        );
        Epoch = epoch;
    }

    /// <summary>Which connection of the writer this is.</summary>
    internal long Epoch
    {
        set => _append.Epoch = _move.Epoch = _start.Epoch = value;
    }

    public void Dispose()
    {
        _start.Dispose();
        _append.Dispose();
        _move.Dispose();
    }

    /// <summary>
    /// Writes <paramref name="commit"/> in a transaction of its own, and returns only when the server has said that it is over.
    /// </summary>
    /// <returns>The saga's number; null where nothing was written.</returns>
    internal long? Write(SagaCommit commit)
    {
        if (commit.Entries.Count == 0)
            return null;
        if (commit.NewSaga is { } identity)
            return commit.Request is null || commit.StartedBy is not null ? Start(commit, identity) : null;
        if (commit is not { Request: null, Number: { } number })
            return null;
        var written = commit.Row is { } row ? Move(number, commit, row) : Append(number, commit);
        return written == commit.Entries.Count ? number : null;
    }

    private int Append(long number, SagaCommit commit)
    {
        _append.Clear();
        _appendGuard.Set(number, commit.ExpectedRevision);
        return _append.Run(number, commit.Entries);
    }

    private int Move(long number, SagaCommit commit, SagaRow row)
    {
        _move.Clear();
        _moveGuard.Set(number, commit.ExpectedRevision);
        _moveRow.Add(row);
        return _move.Run(number, commit.Entries);
    }

    private long? Start(SagaCommit commit, SagaIdentity identity)
    {
        var row = commit.Row!;
        _start.Clear();
        _startIdentity.Add(commit, identity);
        _startRow.Add(row);
        _startHash.Add(commit.Request?.Hash);
        _startHashVersion.Add(commit.Request is { } request ? RequestColumns.HashVersion(request) : null);
        for (var i = 0; i < row.Tags.Count; i++)
        {
            _startTagName.Add(StoreText.Write(row.Tags[i].Key));
            _startTagValue.Add(StoreText.Write(row.Tags[i].Value));
        }

        return _start.Ask(commit.Entries);
    }

    /// <summary>The saga, and the revision that it must stand at.</summary>
    private sealed class Guard(Columns values)
    {
        private readonly Column<long> _saga = values.Next<long>(NpgsqlDbType.Bigint);
        private readonly Column<long> _revision = values.Next<long>(NpgsqlDbType.Bigint);

        internal void Set(long saga, long revision)
        {
            _saga.Add(saga);
            _revision.Add(revision);
        }
    }

    /// <summary>One statement: its writer ($1 to $3), what is its own, and the entries as arrays.</summary>
    private sealed class Statement : IDisposable
    {
        private readonly NpgsqlCommand _command;
        private readonly Column<long> _epoch;
        private EntryColumns? _entries;

        internal Statement(NpgsqlConnection connection, Incarnation incarnation, int writer)
        {
            _command = connection.CreateCommand();
            Values = new Columns(_command.Parameters, areArrays: false);
            Arrays = new Columns(_command.Parameters, areArrays: true);
            var own = new Columns(_command.Parameters, areArrays: false);
            own.Next<long>(NpgsqlDbType.Bigint).Add(incarnation.Value);
            own.Next<int>(NpgsqlDbType.Integer).Add(writer);
            _epoch = own.Next<long>(NpgsqlDbType.Bigint);
        }

        internal Columns Values { get; }

        internal Columns Arrays { get; }

        internal long Epoch
        {
            set => _epoch.Add(value);
        }

        public void Dispose() => _command.Dispose();

        /// <summary>Adds the entries, which the text gets as a table.</summary>
        internal void Prepare(Func<string, string> text)
        {
            var places = Columns.Places(_command.Parameters.Count + 1, EntryColumns.Count);
            _entries = new EntryColumns(Arrays);
            _command.CommandText = text($"unnest({places}) AS e ({EntryColumns.Names})");
            _command.Prepare();
        }

        internal void Clear()
        {
            Values.Clear();
            Arrays.Clear();
        }

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
                _entries!.Add(saga, entries[i]);
            Arrays.Seal();
        }
    }
}
