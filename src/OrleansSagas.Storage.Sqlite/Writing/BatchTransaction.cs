using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>One transaction for many commits.</summary>
internal sealed class BatchTransaction
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly CommitScript _script;
    private readonly WriterHooks _hooks;

    internal BatchTransaction(SqliteConnection connection, WriterHooks hooks)
    {
        _connection = connection;
        _hooks = hooks;
        _begin = connection.Prepare("BEGIN IMMEDIATE");
        _commit = connection.Prepare("COMMIT");
        _script = new CommitScript(connection);
    }

    /// <summary>Writes <paramref name="batch"/> and answers it. Returns what failed for all of it; null when nothing did.</summary>
    internal BatchFailure? Run(CommitBatch batch)
    {
        // A commit that cannot be written for a reason of its own is left out, and the others are written again without it.
        HashSet<int>? leftOut = null;
        while (true)
        {
            var failure = TryRun(batch, leftOut, out var culprit);
            if (culprit is not { } index)
                return failure;
            (leftOut ??= []).Add(index);
            batch.Answer(index, new CommitResult(CommitOutcome.NotCommitted, Error: failure!.Error));
        }
    }

    internal BatchFailure? Run(Action work)
    {
        try
        {
            _begin.Execute();
            work();
        }
        catch (Exception e)
        {
            RollBack();
            return new BatchFailure(CommitOutcome.NotCommitted, e);
        }

        return Commit();
    }

    /// <summary>Forgets what was remembered of the file.</summary>
    internal void Forget() => _script.Forget();

    private BatchFailure? TryRun(CommitBatch batch, HashSet<int>? leftOut, out int? culprit)
    {
        culprit = null;
        var index = -1;
        try
        {
            _begin.Execute();
            for (index = 0; index < batch.Count; index++)
            {
                if (leftOut?.Contains(index) != true)
                    batch.Answer(index, _script.Apply(batch[index]));
            }
        }
        catch (Exception e)
        {
            RollBack();
            if (index >= 0 && e is not SqliteError { IsStoreFault: true } && !_connection.IsInTransaction)
                culprit = index;
            return new BatchFailure(CommitOutcome.NotCommitted, e);
        }

        return Commit();
    }

    private BatchFailure? Commit()
    {
        try
        {
            _hooks.BeforeCommit?.Invoke();
            _commit.Execute();
            _hooks.AfterCommit?.Invoke();
            return null;
        }
        catch (Exception e)
        {
            RollBack();
            return new BatchFailure(CommitOutcome.Unknown, e);
        }
    }

    private void RollBack()
    {
        _script.Forget();

        // SQLite has often rolled back by itself. Where this fails too, the connection is still in the transaction, and the writer takes
        // another.
        if (!_connection.IsInTransaction)
            return;
        try
        {
            _connection.Execute("ROLLBACK");
        }
        catch (SqliteError) { }
    }
}
