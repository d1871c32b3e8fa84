using Npgsql;
using OrleansSagas.Storage.PostgreSql.Opening;
using OrleansSagas.Storage.PostgreSql.Reading;
using OrleansSagas.Storage.PostgreSql.Schema;
using OrleansSagas.Storing;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>The engine's one writing session: takes batches, and recovers by itself when the server does.</summary>
internal sealed class PostgreSqlWriter : IBatchWriter, IAsyncDisposable
{
    private const int MaxRaces = 20;
    private const string Probe = "INSERT INTO probe SELECT repeat('x', 2000) FROM generate_series(1, 64); TRUNCATE probe";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly PostgreSqlSagaStoreOptions _options;
    private readonly TimeProvider _clock;
    private readonly Server _server;
    private readonly Membership _membership;
    private readonly WriterThread _thread = new("OrleansSagas PostgreSQL writer");
    private readonly BatchRound _round = new();
    private readonly HashSet<PlanIdentity> _plans = [];
    private RevisionCache? _known;
    private readonly Action _runBatch;
    private readonly ITimer _watch;

    private NpgsqlConnection? _connection;
    private BatchStatement? _statement;
    private CommitBatch? _batch;
    private bool _isFull;
    private bool _wrote;
    private long _triedAt = long.MinValue;

    private volatile StoreException? _unsettled;
    private volatile StoreException? _fenced;
    private volatile string? _problem;

    internal PostgreSqlWriter(PostgreSqlSagaStoreOptions options, Server server, TimeProvider clock)
    {
        (_options, _server, _clock) = (options, server, clock);
        _membership = new Membership(server);
        _runBatch = RunBatch;
        _watch = clock.CreateTimer(_ => _ = _thread.TryPost(Look), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal WriterHooks Hooks { get; } = new();

    /// <summary>What keeps the store from taking commits, in words for an operator; null when nothing does.</summary>
    internal string? Problem => _fenced?.Message ?? _problem;

    /// <summary>A commit may have happened or not, and that may still change: nobody may read before it is settled.</summary>
    /// <exception cref="StoreException">So it is.</exception>
    internal void ThrowIfUnsettled()
    {
        if (_unsettled is { } error)
            throw new StoreException(error.Message, error.InnerException);
    }

    /// <summary>Makes the schema, takes the store for one engine, and records its plans.</summary>
    internal Task<EngineOpened> OpenAsync(string? name, IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation) =>
        _thread.RunAsync(() =>
        {
            var connection = ConnectPatiently(cancellation);
            try
            {
                SchemaMigrations.Apply(connection, _server);
                var epoch = _membership.Enter(connection, name);
                _known = name is null ? new RevisionCache() : null;
                var missing = PlanTable.Replace(connection, plans, alone: name is null);
                Use(connection, epoch);
                Rest();
                return new EngineOpened(_membership.Incarnation, missing);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        });

    public ValueTask WriteAsync(CommitBatch batch)
    {
        _batch = batch;
        return _thread.WriteAsync(_runBatch);
    }

    /// <summary>Runs <paramref name="work"/> on the writer's connection.</summary>
    internal Task<T> RunAsync<T>(Func<NpgsqlConnection?, T> work) => _thread.RunAsync(() => work(_connection));

    /// <summary>Runs what waits, leaves, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _thread.RunAsync(() =>
        {
            try
            {
                if (_connection is { } connection)
                    _membership.Leave(connection);
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
            {
                // The row stays and harms nobody: its session is over.
            }

            Disconnect();
            return true;
        });
        _thread.Dispose();
    }

    private NpgsqlConnection ConnectPatiently(CancellationToken cancellation)
    {
        var began = _clock.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return _server.ConnectWriter(ConnectTimeout);
            }
            catch (Exception e) when (e is NpgsqlException && _clock.GetElapsedTime(began) < _options.OpenTimeout && e is not PostgresException { SqlState: "28000" or "28P01" or "3D000" })
            {
                Thread.Sleep(100);
            }
        }
    }

    private void RunBatch()
    {
        var batch = _batch!;
        _round.Begin(batch.Count);
        try
        {
            if (Ready() is { } obstacle)
                AnswerOpen(CommitOutcome.NotCommitted, obstacle);
            else
                Write(batch);
        }
        catch (Exception e)
        {
            // A bug of the writer: nobody can say what was written, and the thread must live on.
            AnswerOpen(CommitOutcome.Unknown, Lose(e));
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
                Hooks.BeforeCommit?.Invoke();
                Answer(batch, Send(batch));
            }
            catch (Exception e) when (ServerFault.IsRolledBack(e))
            {
                _known?.Clear();
                if (ServerFault.IsRace(e) && ++races < MaxRaces)
                    continue;
                if (e is PostgresException { SqlState: ServerFault.Fenced })
                    AnswerOpen(CommitOutcome.NotCommitted, Fence());
                else if (!ServerFault.IsOfOneCommit(e))
                    AnswerOpen(CommitOutcome.NotCommitted, Suffer(e));
                else if (_round.Chosen.Count > 1)
                    _round.MaxCount = (_round.Chosen.Count + 1) / 2; // down to the one that cannot be written for a reason of its own
                else
                    AnswerChosen(batch, CommitOutcome.NotCommitted, _server.Unreachable("refuses a commit", e));
            }
            catch (Exception e)
            {
                var error = Lose(e);
                AnswerChosen(batch, CommitOutcome.Unknown, error);
                AnswerOpen(CommitOutcome.NotCommitted, error);
            }
        }
    }

    private BatchVerdict Send(CommitBatch batch)
    {
        var statement = _statement!;
        statement.Clear();
        foreach (var at in _round.Chosen)
            statement.Add(at, batch[at]);
        var verdict = statement.Execute();
        _wrote = true;
        Hooks.AfterCommit?.Invoke();
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
                if (batch[at].Entries.Count > 0)
                    _known?.Set(number, batch[at].ExpectedRevision + batch[at].Entries.Count, batch[at].Row?.EndedAt is not null);
            }

            _round.Answered();
            _problem = null;
            _isFull = false;
            return;
        }

        foreach (var at in verdict.Duplicates ?? [])
        {
            var request = batch[at].Request!;
            if (RequestLookup.Find(_connection!, request.Namespace, request.Key, batch[at].At) is { } earlier)
                AnswerOne(batch, at, new CommitResult(CommitOutcome.DuplicateRequest, Earlier: earlier));
            else
                RequestLookup.RemoveExpired(_connection!, request.Namespace, request.Key, batch[at].At);
        }

        foreach (var at in (verdict.Conflicts ?? []).Except(verdict.Duplicates ?? []))
            AnswerOne(batch, at, new CommitResult(CommitOutcome.Conflict));
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
            PlanTable.Record(_connection!, plan);
            _plans.Add(plan);
        }
    }

    /// <summary>What stands in the way of a transaction; null when nothing does. While the server is away it is not asked for each batch.</summary>
    private StoreException? Ready()
    {
        if (_fenced is { } fenced)
            return fenced;
        if (_connection is not null)
            return null;
        if (_triedAt != long.MinValue && _clock.GetElapsedTime(_triedAt) < _options.RetryAfter)
            return new StoreException(_problem ?? $"The saga store '{_server.Name}' is not connected.", _unsettled?.InnerException);
        return Reconnect();
    }

    private StoreException? Reconnect()
    {
        _triedAt = _clock.GetTimestamp();
        NpgsqlConnection? connection = null;
        try
        {
            connection = _server.ConnectWriter(ConnectTimeout);
            if (_membership.Resume(connection) is not { } epoch)
            {
                connection.Dispose();
                return Fence();
            }

            Use(connection, epoch);
            _unsettled = null;
            AskForRoom();
            _problem = null;
            _triedAt = long.MinValue;
            return null;
        }
        catch (Exception e)
        {
            Disconnect();
            connection?.Dispose();
            var error = e as StoreException ?? _server.Unreachable("does not answer", e);
            _problem = error.Message;
            return error;
        }
    }

    /// <summary>Once in a while: the connection is tried, an engine that was fenced learns it, and one whose server was away finds it again.</summary>
    private void Look()
    {
        try
        {
            if (_fenced is not null || (_connection is not null && _wrote && _problem is null))
                return;
            if (_connection is null)
            {
                _ = Reconnect();
                return;
            }

            if (_problem is not null)
                Recover(_connection);
            else if (!_membership.IsMember(_connection))
                _ = Fence();
        }
        catch (Exception e) when (ServerFault.IsRolledBack(e))
        {
            _ = Suffer(e);
        }
        catch (Exception e)
        {
            // Nothing was being committed: nothing is in doubt.
            Disconnect();
            _problem = _server.Unreachable("does not answer", e).Message;
        }
        finally
        {
            _wrote = false;
            Rest();
        }
    }

    /// <summary>Only a write that succeeds says that the server takes writes again.</summary>
    private void Recover(NpgsqlConnection connection)
    {
        AskForRoom();
        if (_membership.Raise(connection) is not { } epoch)
        {
            _ = Fence();
            return;
        }

        _statement!.Epoch = epoch;
        _problem = null;
    }

    /// <summary>Where the disk was full, only a write that needs room says that there is some.</summary>
    private void AskForRoom()
    {
        if (!_isFull)
            return;
        using var probe = new NpgsqlCommand(Probe, _connection);
        probe.ExecuteNonQuery();
        _isFull = false;
    }

    private StoreException Suffer(Exception error)
    {
        // After some errors Npgsql gives the connection up: nothing is in doubt, and the next one is made anew.
        if (_connection is { FullState: not System.Data.ConnectionState.Open })
            Disconnect();
        _isFull |= ServerFault.IsFull(error);
        var problem = _server.Unreachable("cannot write", error);
        _problem = problem.Message;
        return problem;
    }

    /// <summary>The connection is given up with a transaction of which nobody knows what became.</summary>
    private StoreException Lose(Exception error)
    {
        Disconnect();
        _isFull |= ServerFault.IsFull(error);
        var problem = _server.Unreachable("did not say whether it wrote", error);
        _unsettled = problem;
        _problem = problem.Message;
        _triedAt = long.MinValue;
        return problem;
    }

    /// <summary>Nothing of this engine will ever be committed again, and so nothing is in doubt any more.</summary>
    private StoreException Fence()
    {
        _fenced ??= new StoreException(
            $"This engine (incarnation {_membership.Incarnation.Value}) was shut out of the saga store '{_server.Name}': another engine has taken over. Nothing was written; stop this process, or start it anew.");
        _unsettled = null;
        Disconnect();
        return _fenced;
    }

    private void Use(NpgsqlConnection connection, long epoch)
    {
        _statement = new BatchStatement(connection, _membership.Incarnation, epoch, _known);
        _known?.Clear();
        _connection = connection;
    }

    private void Disconnect()
    {
        _statement?.Dispose();
        _statement = null;
        _connection?.Dispose();
        _connection = null;
    }

    private void Rest()
    {
        try
        {
            _ = _watch.Change(_options.RetryAfter, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
