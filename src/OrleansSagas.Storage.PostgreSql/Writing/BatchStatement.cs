using Npgsql;
using NpgsqlTypes;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>The one statement that writes commits: a call of <c>commit_batch</c> with an array for each column.</summary>
internal sealed class BatchStatement : IDisposable
{
    private readonly NpgsqlCommand _command;
    private readonly Columns _columns;
    private readonly NpgsqlParameter<long> _incarnation = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    private readonly NpgsqlParameter<int> _writer = new() { NpgsqlDbType = NpgsqlDbType.Integer };
    private readonly NpgsqlParameter<long> _epoch = new() { NpgsqlDbType = NpgsqlDbType.Bigint };

    private readonly Column<int> _guardAt;
    private readonly Column<long> _guardSaga;
    private readonly Column<long> _guardRevision;
    private readonly Column<long> _guardAlone;
    private readonly Column<int> _freeAt;
    private readonly Column<string?> _freeNamespace;
    private readonly Column<string?> _freeId;
    private readonly Column<int> _requestAt;
    private readonly Column<string?> _requestNamespace;
    private readonly Column<string?> _requestCaller;
    private readonly Column<string?> _requestKey;
    private readonly Column<ReadOnlyMemory<byte>> _requestHash;
    private readonly Column<string?> _requestSaga;
    private readonly Column<bool?> _requestVerb;
    private readonly Column<short?> _requestHashVersion;
    private readonly IdentityColumns _newIdentity;
    private readonly RowColumns _newRow;
    private readonly Column<long> _rowNumber;
    private readonly RowColumns _row;
    private readonly Column<long> _tagSaga;
    private readonly Column<string?> _tagNamespace;
    private readonly Column<string?> _tagName;
    private readonly Column<string?> _tagValue;
    private readonly EntryColumns _entries;

    private readonly RevisionCache? _known;
    private int _newSagas;

    /// <summary>Prepares it. <paramref name="known"/> is null where other engines write too.</summary>
    internal BatchStatement(NpgsqlConnection connection, Incarnation incarnation, int writer, long epoch, RevisionCache? known)
    {
        _known = known;
        _command = connection.CreateCommand();
        var parameters = _command.Parameters;
        (_incarnation.TypedValue, _writer.TypedValue, _epoch.TypedValue) = (incarnation.Value, writer, epoch);
        parameters.Add(_incarnation);
        parameters.Add(_writer);
        parameters.Add(_epoch);
        _columns = new Columns(parameters, areArrays: true);
        _guardAt = _columns.Next<int>(NpgsqlDbType.Integer);
        _guardSaga = _columns.Next<long>(NpgsqlDbType.Bigint);
        _guardRevision = _columns.Next<long>(NpgsqlDbType.Bigint);
        _guardAlone = _columns.Next<long>(NpgsqlDbType.Bigint);
        _freeAt = _columns.Next<int>(NpgsqlDbType.Integer);
        _freeNamespace = _columns.Next<string?>(NpgsqlDbType.Text);
        _freeId = _columns.Next<string?>(NpgsqlDbType.Text);
        _requestAt = _columns.Next<int>(NpgsqlDbType.Integer);
        _requestNamespace = _columns.Next<string?>(NpgsqlDbType.Text);
        _requestCaller = _columns.Next<string?>(NpgsqlDbType.Text);
        _requestKey = _columns.Next<string?>(NpgsqlDbType.Text);
        _requestHash = _columns.Next<ReadOnlyMemory<byte>>(NpgsqlDbType.Bytea);
        _requestSaga = _columns.Next<string?>(NpgsqlDbType.Text);
        _requestVerb = _columns.Next<bool?>(NpgsqlDbType.Boolean);
        _requestHashVersion = _columns.Next<short?>(NpgsqlDbType.Smallint);
        _newIdentity = new IdentityColumns(_columns);
        _newRow = new RowColumns(_columns);
        _rowNumber = _columns.Next<long>(NpgsqlDbType.Bigint);
        _row = new RowColumns(_columns);
        _tagSaga = _columns.Next<long>(NpgsqlDbType.Bigint);
        _tagNamespace = _columns.Next<string?>(NpgsqlDbType.Text);
        _tagName = _columns.Next<string?>(NpgsqlDbType.Text);
        _tagValue = _columns.Next<string?>(NpgsqlDbType.Text);
        _entries = new EntryColumns(_columns);
        _command.CommandText = $"SELECT numbers, conflicts, duplicates FROM commit_batch({Columns.Places(1, parameters.Count)})";
        _command.Prepare();
    }

    /// <summary>Which connection of the writer this is.</summary>
    internal long Epoch
    {
        set => _epoch.TypedValue = value;
    }

    public void Dispose() => _command.Dispose();

    internal void Clear()
    {
        _columns.Clear();
        _newSagas = 0;
    }

    /// <summary>Adds <paramref name="commit"/>, which the answer will call <paramref name="at"/>.</summary>
    internal void Add(int at, SagaCommit commit)
    {
        if (commit.Request is { } request)
            AddRequest(at, request, starts: commit.StartedBy is not null);
        var saga = AddGuard(at, commit);
        if (commit.NewSaga is { } identity)
            AddNew(commit, identity);
        else if (commit.Row is { } row)
            AddRow(saga, row);
        if (commit.Row is { Tags.Count: > 0 } tagged)
            AddTags(saga, commit.Saga.Namespace, tagged.Tags);
        for (var i = 0; i < commit.Entries.Count; i++)
            _entries.Add(saga, commit.Entries[i]);
    }

    /// <summary>Runs the statement, and returns only when the server has said that its transaction is over.</summary>
    internal BatchVerdict Execute()
    {
        _columns.Seal();
        using var reader = _command.ExecuteReader();
        reader.Read();
        var verdict = new BatchVerdict(Field<long[]>(reader, 0), Field<int[]>(reader, 1), Field<int[]>(reader, 2));

        // The row comes before the COMMIT: only what follows it says that the transaction is durable.
        reader.NextResult();
        return verdict;
    }

    private static T? Field<T>(NpgsqlDataReader reader, int ordinal)
        where T : class => reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<T>(ordinal);

    private void AddRequest(int at, StoredRequest request, bool starts)
    {
        _requestAt.Add(at);
        _requestNamespace.Add(request.Key.Namespace);
        _requestCaller.Add(StoreText.Write(request.Key.Caller));
        _requestKey.Add(StoreText.Write(request.Key.Key));
        _requestHash.Add(request.Hash);
        _requestSaga.Add(request.Saga.Value);
        _requestVerb.Add(starts ? null : true);
        _requestHashVersion.Add(RequestColumns.HashVersion(request));
    }

    /// <summary>Returns what the other columns call the saga: its number, or minus its place among the new ones.</summary>
    private long AddGuard(int at, SagaCommit commit)
    {
        if (commit.Number is { } number)
        {
            if (commit.Entries.Count > 0 && _known?.Find(number) == commit.ExpectedRevision)
                return number;
            _guardAt.Add(at);
            _guardSaga.Add(number);
            _guardRevision.Add(commit.ExpectedRevision);
            if (commit.Entries.Count == 0 && commit.Row is not null)
                _guardAlone.Add(number);
            return number;
        }

        _freeAt.Add(at);
        _freeNamespace.Add(commit.Saga.Namespace);
        _freeId.Add(commit.Saga.Id.Value);
        return commit.NewSaga is null ? 0 : -++_newSagas;
    }

    private void AddNew(SagaCommit commit, SagaIdentity identity)
    {
        _newIdentity.Add(commit, identity);
        _newRow.Add(commit.Row!);
    }

    private void AddRow(long saga, SagaRow row)
    {
        _rowNumber.Add(saga);
        _row.Add(row);
    }

    private void AddTags(long saga, string @namespace, IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        for (var i = 0; i < tags.Count; i++)
        {
            _tagSaga.Add(saga);
            _tagNamespace.Add(@namespace);
            _tagName.Add(StoreText.Write(tags[i].Key));
            _tagValue.Add(StoreText.Write(tags[i].Value));
        }
    }
}
