using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>Applies commits inside the batch's transaction. There is one writer, so every guard is checked before anything is written,
/// and a commit that fails leaves nothing behind: no savepoints.</summary>
internal sealed class CommitScript
{
    private readonly SqliteStatement _insertEntry;
    private readonly SqliteStatement _revision;
    private readonly RevisionCache _revisions = new();
    private readonly RequestTable _requests;
    private readonly SagaTable _sagas;

    internal CommitScript(SqliteConnection connection)
    {
        _requests = new RequestTable(connection);
        _sagas = new SagaTable(connection);
        _revision = connection.Prepare("SELECT revision FROM history WHERE saga = ? ORDER BY revision DESC LIMIT 1");
        _insertEntry = connection.Prepare(
            """
            INSERT INTO history (saga, revision, name, format, at, commit_id, actor, causation_id, trace_parent, content_type, codec,
              key_id, body, data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        );
    }

    internal CommitResult Apply(SagaCommit commit)
    {
        if (commit.Request is { } request && !_requests.TryTake(request, commit.At, commit.StartedBy is not null, out var earlier))
            return new CommitResult(CommitOutcome.DuplicateRequest, Earlier: earlier);
        if (!GuardHolds(commit, out var number))
        {
            if (commit.Request is not null)
                _requests.Remove(commit.Request.Key);
            return new CommitResult(CommitOutcome.Conflict);
        }

        if (commit.NewSaga is null && commit.Row is not null)
            _sagas.Update(number, commit.Saga.Namespace, commit.Row);
        Append(number, commit);
        return new CommitResult(CommitOutcome.Committed, number);
    }

    /// <summary>Forgets what a transaction that was rolled back has taught, or what was written beside <see cref="Apply"/>.</summary>
    internal void Forget()
    {
        _revisions.Clear();
        _sagas.Forget();
    }

    private bool GuardHolds(SagaCommit commit, out long number)
    {
        number = commit.Number ?? 0;
        if (commit.NewSaga is { } identity)
            return _sagas.TryInsert(commit.Saga, identity, commit.Row!, commit.StartedBy, out number);
        return commit.Number is { } known ? RevisionOf(known) == commit.ExpectedRevision : !_sagas.Exists(commit.Saga);
    }

    private long RevisionOf(long saga)
    {
        if (_revisions.Find(saga) is { } cached)
            return cached;
        _revision.Bind(1, saga);
        var revision = _revision.Step() ? _revision.Int64(0) : 0;
        _revision.Reset();
        _revisions.Set(saga, revision);
        return revision;
    }

    private void Append(long saga, SagaCommit commit)
    {
        if (commit.Entries.Count == 0)
            return;
        for (var i = 0; i < commit.Entries.Count; i++)
            Append(saga, commit.Entries[i]);
        _revisions.Set(saga, commit.ExpectedRevision + commit.Entries.Count);
    }

    private void Append(long saga, StoredEntry entry)
    {
        var insert = _insertEntry;
        insert.Bind(1, saga);
        insert.Bind(2, entry.Revision);
        insert.Bind(3, entry.Name);
        insert.Bind(4, entry.Format);
        insert.Bind(5, entry.At.ToUnixTimeMilliseconds());
        insert.Bind(6, entry.Commit.Value);
        insert.Bind(7, entry.Actor);
        insert.Bind(8, entry.CausationId);
        insert.Bind(9, entry.TraceParent);
        insert.Bind(10, HistoryColumns.ContentType(entry.Data));
        insert.Bind(11, HistoryColumns.Codec(entry.Data));
        insert.Bind(12, entry.Data?.KeyId);
        insert.Bind(13, entry.Body.Span);
        insert.Bind(14, entry.Data?.Bytes);
        insert.Execute();
    }
}
