using Npgsql;
using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql.Opening;
using OrleansSagas.Storage.PostgreSql.Reading;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>One writer: takes a batch, writes it as a rule in one transaction, and says what became of each commit.</summary>
internal sealed class PostgreSqlWriter : IBatchWriter, IAsyncDisposable
{
    private const int MaxRaces = 20;

    private readonly RevisionCache? _known;
    private readonly WriterHooks _hooks;
    private readonly WriterThread _thread = new("OrleansSagas PostgreSQL writer");
    private readonly BatchRound _round = new();
    private readonly HashSet<PlanIdentity> _plans = [];
    private readonly Action _runBatch;

    private CommitBatch? _batch;

    internal PostgreSqlWriter(WriterSession session, RevisionCache? known, WriterHooks hooks)
    {
        (Session, _known, _hooks) = (session, known, hooks);
        _runBatch = RunBatch;
    }

    internal WriterSession Session { get; }

    public bool IsUnavailable => Session.Problem is not null;

    /// <summary>Connects, does what is to be done <paramref name="first"/>, and may write from then on.</summary>
    internal Task OpenAsync(Action<NpgsqlConnection> first, CancellationToken cancellation) =>
        _thread.RunAsync(() =>
        {
            Session.Open(first, cancellation);
            Session.Watch(_thread.TryPost);
            return true;
        });

    public ValueTask WriteAsync(CommitBatch batch)
    {
        _batch = batch;
        return _thread.WriteAsync(_runBatch);
    }

    /// <summary>Runs what waits, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _thread.RunAsync(() =>
        {
            Session.Dispose();
            return true;
        });
        _thread.Dispose();
    }

    private void RunBatch()
    {
        var batch = _batch!;
        _round.Begin(batch.Count);
        try
        {
            if (Session.Ready() is { } obstacle)
                AnswerOpen(CommitOutcome.NotCommitted, obstacle);
            else
                Write(batch);
        }
        catch (Exception e)
        {
            // A bug of the writer: nobody can say what was written, and the thread must live on.
            AnswerOpen(CommitOutcome.Unknown, Session.Lose(e));
        }

        _thread.Written(batch, _runBatch);
    }

    /// <summary>Writes the batch, as a rule in one transaction.</summary>
    private void Write(CommitBatch batch)
    {
        var races = 0;
        while (!_round.IsOver)
        {
            _round.Choose(batch);
            try
            {
                RecordPlans(batch);
                _hooks.BeforeCommit?.Invoke();
                Answer(
                    batch,
                    races == 0 && batch.Count == 1 && SendSingle(batch[0]) is { } number
                        ? new BatchVerdict([number], null, null)
                        : Send(batch)
                );
            }
            catch (Exception e) when (ServerFault.IsRolledBack(e))
            {
                _known?.Clear();
                if (ServerFault.IsRace(e) && ++races < MaxRaces)
                    continue;
                if (e is PostgresException { SqlState: ServerFault.Fenced })
                    AnswerOpen(CommitOutcome.NotCommitted, Session.Fence());
                else if (!ServerFault.IsOfOneCommit(e))
                    AnswerOpen(CommitOutcome.NotCommitted, Session.RecordFailure(e));
                else if (_round.Chosen.Count > 1)
                    _round.MaxCount = (_round.Chosen.Count + 1) / 2; // down to the one that cannot be written for a reason of its own
                else
                    AnswerChosen(batch, CommitOutcome.NotCommitted, Session.Refuse(e));
            }
            catch (Exception e)
            {
                var error = Session.Lose(e);
                AnswerChosen(batch, CommitOutcome.Unknown, error);
                AnswerOpen(CommitOutcome.NotCommitted, error);
            }
        }
    }

    /// <summary>
    /// Writes the batch's one commit by a statement that costs less; null where nothing was written, and <see cref="Send"/> says why.
    /// </summary>
    private long? SendSingle(SagaCommit commit)
    {
        if (Session.Single.Write(commit) is not { } number)
            return null;
        _hooks.AfterCommit?.Invoke();
        Session.Used(wrote: true);
        return number;
    }

    private BatchVerdict Send(CommitBatch batch)
    {
        var statement = Session.Statement;
        statement.Clear();
        foreach (var at in _round.Chosen)
            statement.Add(at, batch[at]);
        var verdict = statement.Execute();
        _hooks.AfterCommit?.Invoke();
        Session.Used(wrote: verdict.IsWritten);
        return verdict;
    }

    private void Answer(CommitBatch batch, BatchVerdict verdict)
    {
        if (verdict.IsWritten)
        {
            var next = 0;
            foreach (var at in _round.Chosen)
            {
                var number = batch[at].NewSaga is null ? batch[at].Number ?? 0 : verdict.Numbers![next++];
                batch.Answer(at, new CommitResult(CommitOutcome.Committed, number));
                Remember(number, batch[at]);
            }

            _round.Answered();
            return;
        }

        foreach (var at in verdict.Duplicates ?? [])
        {
            var request = batch[at].Request!.Key;
            if (RequestLookup.Find(Session.Connection, request, batch[at].At) is { } earlier)
                AnswerOne(batch, at, new CommitResult(CommitOutcome.DuplicateRequest, Earlier: earlier));
            else
                RequestLookup.RemoveExpired(Session.Connection, request, batch[at].At);
        }

        foreach (var at in (verdict.Conflicts ?? []).Except(verdict.Duplicates ?? []))
            AnswerOne(batch, at, new CommitResult(CommitOutcome.Conflict));
    }

    /// <summary>A saga that ended may be purged by anybody at any time, so it is not remembered.</summary>
    private void Remember(long number, SagaCommit commit)
    {
        if (commit.Row?.EndedAt is not null)
            _known?.Remove(number);
        else if (commit.Entries.Count > 0)
            _known?.Set(number, commit.ExpectedRevision + commit.Entries.Count);
    }

    private void AnswerOne(CommitBatch batch, int at, CommitResult result)
    {
        batch.Answer(at, result);
        _round.Answered(at);
    }

    private void AnswerChosen(CommitBatch batch, CommitOutcome outcome, Exception error)
    {
        foreach (var at in _round.Chosen)
            batch.Answer(at, new CommitResult(outcome, Error: error));
        _round.Answered();
    }

    private void AnswerOpen(CommitOutcome outcome, Exception error)
    {
        foreach (var at in _round.Open)
            _batch!.Answer(at, new CommitResult(outcome, Error: error));
        _round.Begin(0);
    }

    /// <summary>A row of a plan that no saga came to use harms nobody, so it is written on its own.</summary>
    private void RecordPlans(CommitBatch batch)
    {
        foreach (var at in _round.Chosen)
        {
            if (batch[at].NewSaga is not { } saga)
                continue;
            var plan = new PlanIdentity(saga.Type, saga.Version, saga.Fingerprint);
            if (_plans.Contains(plan))
                continue;
            PlanTable.Record(Session.Connection, plan);
            _plans.Add(plan);
        }
    }
}
