using Npgsql;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql;
using OrleansSagas.Storage.PostgreSql.Writing;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.PostgreSql;

/// <summary>Faults of single connections and statements, on a server that itself is well.</summary>
public sealed class PostgreSqlFaultTests(PostgresFixture postgres) : PostgreSqlStoreTests(postgres)
{
    [Fact]
    public async Task Commit_WhenTheAnswerIsLost_IsUnknownAndFoundByItsId()
    {
        Postgres.Writers.Hooks.AfterCommit = CutOnce;
        var commit = Start(Key("a"), request: Request("r", "a"));

        var result = await CommitAsync(commit);

        Assert.Equal(CommitOutcome.Unknown, result.Outcome);
        Assert.IsType<StoreException>(result.Error);
        await HealthBecomesAsync(true);
        var saga = await LoadedAsync(Key("a"));
        Assert.Equal(commit.Id, saga.Entries[0].Commit);
        Assert.Equal(CommitOutcome.DuplicateRequest, (await CommitAsync(commit)).Outcome);
        await CommittedAsync(Next(Key("a"), saga.Number, 1));
    }

    [Fact]
    public async Task Commit_WhenTheConnectionIsCutBefore_IsUnknownAndNotFound()
    {
        await CommittedAsync(Start(Key("before")));
        Postgres.Writers.Hooks.BeforeCommit = () =>
        {
            Postgres.Writers.Hooks.BeforeCommit = null;
            CutAsync().GetAwaiter().GetResult();
        };

        var results = await InOneBatchAsync(Start(Key("a")), Start(Key("b")));

        Assert.All(results, r => Assert.Equal(CommitOutcome.Unknown, r.Outcome));
        await HealthBecomesAsync(true);
        Assert.Null(await Store.LoadAsync(Key("a"), default));
        await CommittedAsync(Start(Key("a")));
        await LoadedAsync(Key("before"));
    }

    [Fact]
    public async Task Reconnect_WhenAnotherStoreHasAnEngineOfTheSameNumber_LeavesItAlone()
    {
        var place = new PostgresPlace(Place.ConnectionString, Place.Schema + "_other");
        await using var other = new PostgreSqlSagaStore(place.Options, Runtime);
        Assert.Equal(Opened.Incarnation, (await other.OpenAsync([OrderPlan], default)).Incarnation);
        var session = await place.RunAsync("SELECT session FROM writer WHERE no = 0");

        await CutAllAsync();
        await HealthBecomesAsync(false);
        await HealthBecomesAsync(true);

        Assert.Equal(1L, await place.RunAsync($"SELECT count(*) FROM pg_stat_activity WHERE pid = {session}"));
        await place.RemoveAsync();
    }

    [Fact]
    public async Task Commit_OfAnEarlierConnection_IsRefusedOnceTheEngineHasAnother()
    {
        // What a connection sent that the network or the server still holds back arrives after the engine has given it up.
        Postgres.Writers.Hooks.BeforeCommit = () =>
        {
            Postgres.Writers.Hooks.BeforeCommit = null;
            Place.RunAsync("UPDATE writer SET epoch = epoch + 1").GetAwaiter().GetResult();
        };

        Assert.Equal(CommitOutcome.NotCommitted, (await CommitAsync(Start(Key("a")))).Outcome);
        Assert.Null(await Store.LoadAsync(Key("a"), default));
    }

    [Fact]
    public async Task Load_WhenAnOutcomeIsUnknown_DoesNotAnswerBeforeItIsSettled()
    {
        await CommittedAsync(Start(Key("before")));
        await using var connection = await Place.ConnectAsync();
        await using (var hold = new NpgsqlCommand("BEGIN; SELECT 1 FROM writer FOR SHARE", connection))
            await hold.ExecuteNonQueryAsync();
        Postgres.Writers.Hooks.AfterCommit = CutOnce;

        // As long as a transaction of this engine may be under way somewhere, its next connection waits.
        Assert.Equal(CommitOutcome.Unknown, (await CommitAsync(Start(Key("a")))).Outcome);
        await Assert.ThrowsAsync<StoreException>(() => Store.LoadAsync(Key("a"), default));
        await Assert.ThrowsAsync<StoreException>(() => Store.FindRequestAsync(RequestKeyOf("r"), Noon, default));
        Assert.False(Store.Health.IsHealthy);
        await using (var release = new NpgsqlCommand("COMMIT", connection))
            await release.ExecuteNonQueryAsync();

        await HealthBecomesAsync(true);
        await LoadedAsync(Key("a"));
    }

    [Fact]
    public async Task Commit_WhenConnectionsAreCutUnderLoad_LosesAndDoublesNothing()
    {
        var load = new StoreLoad(
            () => Store,
            Start,
            (key, number, revision, entries) => Next(key, number, revision, entries),
            workers: 200
        );
        load.Begin();
        for (var i = 0; i < 40; i++)
        {
            await load.ProgressAsync(200);
            await (i % 3 == 2 ? CutAllAsync() : Place.RunAsync($"SELECT pg_terminate_backend(session) FROM writer WHERE no = {i % 3}"));
        }

        await load.EndAsync();
        await load.AuditAsync();
        Assert.True(load.Unknown > 0, "No connection was cut during a commit: the test tests nothing.");
    }

    [Fact]
    public async Task Commit_WhenTheFirstWriterIsAway_TheSecondWrites()
    {
        // As long as a transaction of the first may be under way somewhere, its next connection waits.
        await using var connection = await Place.ConnectAsync();
        await using (var hold = new NpgsqlCommand("BEGIN; SELECT 1 FROM writer WHERE no = 0 FOR SHARE", connection))
            await hold.ExecuteNonQueryAsync();
        Postgres.Writers.Hooks.BeforeCommit = () =>
        {
            Postgres.Writers.Hooks.BeforeCommit = null;
            CutAsync().GetAwaiter().GetResult();
        };
        Assert.Equal(CommitOutcome.Unknown, (await CommitAsync(Start(Key("a")))).Outcome);

        await CommittedAsync(Start(Key("b")));
        Assert.False(Store.Health.IsHealthy);
        await Assert.ThrowsAsync<StoreException>(() => Store.LoadAsync(Key("b"), default));
        await using (var release = new NpgsqlCommand("COMMIT", connection))
            await release.ExecuteNonQueryAsync();

        await HealthBecomesAsync(true);
        Assert.Null(await Store.LoadAsync(Key("a"), default));
        await LoadedAsync(Key("b"));
    }

    [Fact]
    public async Task Commit_WhenOneOfTwoWritersCannotComeBack_GoesOnAndSaysSo()
    {
        await Place.RunAsync("ALTER TABLE writer ADD CONSTRAINT first_only CHECK (no = 0 OR epoch < 2)");
        await Place.RunAsync("SELECT pg_terminate_backend(session) FROM writer WHERE no = 1");
        await HealthBecomesAsync(false);

        await CommittedAsync(Start(Key("a")));
        await LoadedAsync(Key("a"));
        Assert.False(Store.Health.IsHealthy);
        await Place.RunAsync("ALTER TABLE writer DROP CONSTRAINT first_only");
        await HealthBecomesAsync(true);
    }

    [Fact]
    public async Task Fence_WhenOneWriterLearnsIt_AllSessionsEnd()
    {
        var sessions = await Place.RunAsync("SELECT string_agg(session::text, ', ') FROM writer");
        await Place.RunAsync("DELETE FROM engine");

        Assert.Contains("shut out", (await CommitAsync(Start(Key("a")))).Error!.Message, StringComparison.Ordinal);
        await Place.HoldsAsync(
            $"NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'OrleansSagas writer' AND pid IN ({sessions}))"
        );
    }

    [Fact]
    public async Task Commit_WhenManyWait_TwoTransactionsAreUnderWay()
    {
        Task<CommitResult>[] commits;
        await using (await Place.StallWritesAsync())
        {
            var first = CommitAsync(Start(Key("first")));
            await Place.AreStalledAsync(1);
            commits = [first, .. Enumerable.Range(0, 100).Select(i => CommitAsync(Start(Key($"s{i}"))))];
            await Place.AreStalledAsync(2);
            Assert.Equal(2L, await Place.RunAsync("SELECT count(DISTINCT xmax::text) FROM writer WHERE xmax::text <> '0'"));
            Assert.All(commits, commit => Assert.False(commit.IsCompleted));
        }

        Assert.All(await Task.WhenAll(commits).For("all of them"), result => Assert.Equal(CommitOutcome.Committed, result.Outcome));
        Assert.Equal(101, (await ListIdsAsync(new SagaQuery { Limit = 1000 })).Length);
    }

    [Fact]
    public async Task Commit_WhenTheSameRequestIsInTwoTransactions_OneIsTheRepeat()
    {
        Task<CommitResult>[] commits;
        await using (await Place.StallWritesAsync())
        {
            commits = [CommitAsync(Start(Key("first"), request: Request("r0", "first")))];
            await Place.AreStalledAsync(1);

            // The second transaction waits for the first: whether it is a repeat is known when that one is over.
            commits =
            [
                .. commits,
                .. Enumerable.Range(0, 300).Select(i => CommitAsync(Start(Key($"s{i}"), request: Request($"r{i % 100}", $"s{i}")))),
            ];
            await Place.WaitsForAnotherAsync();
        }

        var results = await Task.WhenAll(commits).For("all of them");
        Assert.Equal(100, results.Count(result => result.Outcome == CommitOutcome.Committed));
        Assert.Equal(201, results.Count(result => result.Outcome == CommitOutcome.DuplicateRequest));
    }

    [Fact]
    public async Task Commit_WhenTheStatementTakesTooLong_IsNotCommittedAndWorksAgain()
    {
        await ReopenWithAsync(options => options.StatementTimeout = TimeSpan.FromMilliseconds(300));
        await using (await Place.StallWritesAsync())
        {
            var result = await CommitAsync(Start(Key("a")));
            Assert.Equal(CommitOutcome.NotCommitted, result.Outcome);
            Assert.Contains("57014", result.Error!.Message, StringComparison.Ordinal);
            Assert.Contains("57014", Store.Health.Problem, StringComparison.Ordinal);
        }

        await HealthBecomesAsync(true);
        await CommittedAsync(Start(Key("a")));
    }

    [Fact]
    public async Task Read_WhenAllReadersAreBusy_WaitsForOneAndCanGiveUp()
    {
        await ReopenWithAsync(options => options.Readers = 1);
        await CommittedAsync(Start(Key("a")));
        await using var connection = await Place.ConnectAsync();
        await using (var hold = new NpgsqlCommand("BEGIN; LOCK TABLE saga IN ACCESS EXCLUSIVE MODE", connection))
            await hold.ExecuteNonQueryAsync();
        var first = Store.LoadAsync(Key("a"), default);
        using var giveUp = new CancellationTokenSource();
        var second = Store.LoadAsync(Key("a"), giveUp.Token);
        var third = Store.LoadAsync(Key("a"), default);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.For("a reader that gave up"));
        Assert.False(first.IsCompleted || third.IsCompleted);
        await using (var release = new NpgsqlCommand("COMMIT", connection))
            await release.ExecuteNonQueryAsync();
        Assert.NotNull(await first.For("the first reader"));
        Assert.NotNull(await third.For("the third reader"));
    }

    [Fact]
    public async Task Commit_WhenOneCannotBeWrittenForItsOwnReason_NeighboursAre()
    {
        await Place.RunAsync(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no, and here is a secret: %', NEW.id; END "
                + "$$; CREATE TRIGGER refuse BEFORE INSERT ON saga FOR EACH ROW WHEN (NEW.id = 'bad') EXECUTE FUNCTION refuse()"
        );

        var results = await InOneBatchAsync(Start(Key("a")), Start(Key("bad")), Start(Key("b")), Start(Key("a")), Start(Key("c")));

        Assert.Equal(
            [CommitOutcome.Committed, CommitOutcome.NotCommitted, CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Committed],
            results.Select(r => r.Outcome)
        );
        Assert.DoesNotContain("secret", results[1].Error!.Message, StringComparison.Ordinal);
        Assert.True(Store.Health.IsHealthy);
    }

    [Fact]
    public async Task Commit_WhenABatchIsHuge_IsWrittenInParts()
    {
        var results = await InOneBatchAsync([.. Enumerable.Range(0, 40).Select(i => Start(Key($"s{i}"), data: new(new byte[1 << 20])))]);

        Assert.All(results, r => Assert.Equal((CommitOutcome.Committed, null), (r.Outcome, r.Error)));
        Assert.Equal(1 << 20, (await LoadedAsync(Key("s39"))).Entries[0].Data!.Bytes.Length);
    }

    [Fact]
    public async Task Open_WhenTheEngineBeforeLostItsSession_TakesOverAtOnceAndShutsItOut()
    {
        // It does not look after its session before the successor is there.
        await ReopenWithAsync(options => options.RetryAfter = TimeSpan.FromMinutes(10));
        var number = await CommittedAsync(Start(Key("a")));
        await CutAsync();
        await using var successor = new PostgreSqlSagaStore(Place.Options, Runtime);

        await successor.OpenAsync([OrderPlan], default);

        Assert.Equal(CommitOutcome.Unknown, (await CommitAsync(Next(Key("a"), number, 1))).Outcome);
        var refused = await CommitAsync(Next(Key("a"), number, 1));
        Assert.Equal(CommitOutcome.NotCommitted, refused.Outcome);
        Assert.Contains("shut out", refused.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("shut out", Store.Health.Problem, StringComparison.Ordinal);
        Assert.Single((await LoadedAsync(Key("a"))).Entries);
        Assert.Equal(CommitOutcome.Committed, (await successor.CommitAsync(Next(Key("a"), number, 1), default)).Outcome);
    }

    [Fact]
    public async Task Open_WhenSchemaIsNewer_RefusesAndLetsTheStoreGo()
    {
        await Place.RunAsync("INSERT INTO schema_version (version) VALUES (99)");
        await Store.DisposeAsync();
        await using var older = CreateStore(Runtime);

        var refused = await Assert.ThrowsAsync<StoreException>(() => older.OpenAsync([], default));

        Assert.Contains("schema version 99", refused.Message, StringComparison.Ordinal);
        await Place.RunAsync("DELETE FROM schema_version WHERE version = 99");
        await ReopenAsync();
    }

    [Fact]
    public async Task Open_WhenTheServerIsNotThere_SaysSoWithoutThePassword()
    {
        await using var store = new PostgreSqlSagaStore(
            new PostgreSqlSagaStoreOptions
            {
                ConnectionString = "Host=127.0.0.1;Port=1;Database=d;Username=u;Password=hunter2",
                OpenTimeout = TimeSpan.Zero,
            },
            Runtime
        );

        var refused = await Assert.ThrowsAsync<StoreException>(() => store.OpenAsync([], default));

        Assert.Contains("127.0.0.1:1/d", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_OutOfTheirRange_AreNamedWithTheFix()
    {
        const string server = "Host=h";
        (string Setting, PostgreSqlSagaStoreOptions Options)[] faults =
        [
            ("ConnectionString", new() { ConnectionString = "" }),
            ("ConnectionString", new() { ConnectionString = "nonsense" }),
            ("Schema", new() { ConnectionString = server, Schema = "a; DROP TABLE x" }),
            ("Readers", new() { ConnectionString = server, Readers = 0 }),
            ("Writers", new() { ConnectionString = server, Writers = 17 }),
            ("MaxBatch", new() { ConnectionString = server, MaxBatch = 0 }),
            ("StatementTimeout", new() { ConnectionString = server, StatementTimeout = TimeSpan.Zero }),
            ("OpenTimeout", new() { ConnectionString = server, OpenTimeout = TimeSpan.FromDays(1) }),
            ("RetryAfter", new() { ConnectionString = server, RetryAfter = TimeSpan.Zero }),
        ];
        foreach (var (setting, options) in faults)
        {
            var fault = Assert.Single(new PostgreSqlSagaStoreOptionsValidator().Validate(null, options).Failures!);
            Assert.StartsWith($"PostgreSqlSagaStoreOptions.{setting} ", fault, StringComparison.Ordinal);
        }
    }

    /// <summary>Ends the first writer's session, and no other's: it alone holds the lock of this schema's store.</summary>
    private Task<object?> CutAsync() =>
        Place.RunAsync(
            $"""
            SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('OrleansSagas {Place.Schema}', 0)
            """
        );

    private Task<object?> CutAllAsync() => Place.RunAsync("SELECT count(pg_terminate_backend(session)) FROM writer");

    private void CutOnce()
    {
        Postgres.Writers.Hooks.AfterCommit = null;
        throw new IOException("The line is dead, says the test.");
    }

    private async Task ReopenWithAsync(Action<PostgreSqlSagaStoreOptions> change)
    {
        Change = change;
        await ReopenAsync();
    }

    private Action<PostgreSqlSagaStoreOptions> Change { get; set; } = _ => { };

    private protected override ISagaStore CreateStore(SagaRuntime runtime)
    {
        var options = Place.Options;
        Change(options);
        return new PostgreSqlSagaStore(options, runtime);
    }
}
