using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Sqlite;

public sealed class SqliteFaultTests : SqliteStoreTests
{
    private const int SyncFailed = 1034;

    [Fact]
    public async Task Commit_WhenDatabaseIsFull_IsNotCommittedAndWorksAgainWithRoom()
    {
        await CommittedAsync(Start(Key("before")));
        await LimitPagesAsync(room: 1);

        var result = await CommitAsync(Start(Key("big"), request: Request("r", "big"), data: new(new byte[100_000])));

        Assert.Equal(CommitOutcome.NotCommitted, result.Outcome);
        Assert.Equal(Sqlite3.Full, Assert.IsType<SqliteError>(Assert.IsType<StoreException>(result.Error).InnerException).Code);
        Assert.Contains("full", Store.Health.Problem, StringComparison.Ordinal);
        Assert.Null(await Store.LoadAsync(Key("big"), default));
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("r"), Noon, default));
        await LoadedAsync(Key("before"));

        await LimitPagesAsync(room: 1_000_000);
        await CommittedAsync(Start(Key("big"), request: Request("r", "big"), data: new(new byte[100_000])));
        Assert.True(Store.Health.IsHealthy);
    }

    [Fact]
    public async Task Health_WhenRoomComesBack_RecoversWithoutACommit()
    {
        await LimitPagesAsync(room: 1);
        await CommitAsync(Start(Key("big"), data: new(new byte[100_000])));
        await RetryTimerFiresAsync();
        Assert.False(Store.Health.IsHealthy);

        await LimitPagesAsync(room: 1_000_000);
        await RetryTimerFiresAsync();

        Assert.True(Store.Health.IsHealthy);
    }

    [Fact]
    public async Task Commit_WhenDatabaseIsFull_AllOfItsBatchIsNotCommitted()
    {
        await LimitPagesAsync(room: 1);

        var results = await InOneBatchAsync(Start(Key("a")), Start(Key("big"), data: new(new byte[100_000])), Start(Key("b")));

        Assert.All(results, r => Assert.Equal(CommitOutcome.NotCommitted, r.Outcome));
        await LimitPagesAsync(room: 1_000_000);
        Assert.Empty(await ListIdsAsync(new SagaQuery()));
    }

    [Fact]
    public async Task Commit_WhenSyncFails_IsUnknownAndNobodyReadsBeforeItIsSettled()
    {
        await CommittedAsync(Start(Key("before"), request: Request("r", "before")));
        Sqlite.Writer.Hooks.BeforeCommit = () => throw new SqliteError(SyncFailed);

        var results = await InOneBatchAsync(Start(Key("a")), Start(Key("b")));

        Assert.All(results, r => Assert.Equal(CommitOutcome.Unknown, r.Outcome));
        await Assert.ThrowsAsync<StoreException>(() => Store.LoadAsync(Key("a"), default));
        await Assert.ThrowsAsync<StoreException>(() => Store.LoadAsync(Key("before"), default));
        await Assert.ThrowsAsync<StoreException>(() => Store.FindRequestAsync(RequestKeyOf("r"), Noon, default));
        var refused = await CommitAsync(Start(Key("c")));
        Assert.Equal(CommitOutcome.NotCommitted, refused.Outcome);
        Assert.IsType<StoreException>(refused.Error);
        Assert.False(Store.Health.IsHealthy);

        Sqlite.Writer.Hooks.BeforeCommit = null;
        await CommittedAsync(Start(Key("c")));
        Assert.True(Store.Health.IsHealthy);
        Assert.Null(await Store.LoadAsync(Key("a"), default));
        Assert.NotNull(await Store.FindRequestAsync(RequestKeyOf("r"), Noon, default));
        await ReopenAsync();
        Assert.Equal(["c", "before"], await ListIdsAsync(new SagaQuery()));
    }

    [Fact]
    public async Task Commit_WhenItHappenedButNobodyKnows_IsFoundAfterItIsSettled()
    {
        Sqlite.Writer.Hooks.AfterCommit = () => throw new SqliteError(SyncFailed);
        var commit = Start(Key("a"));

        Assert.Equal(CommitOutcome.Unknown, (await CommitAsync(commit)).Outcome);
        await Assert.ThrowsAsync<StoreException>(() => Store.LoadAsync(Key("a"), default));
        Sqlite.Writer.Hooks.AfterCommit = null;
        await RetryTimerFiresAsync();

        Assert.True(Store.Health.IsHealthy);
        var saga = await LoadedAsync(Key("a"));
        Assert.Equal(commit.Id, saga.Entries[0].Commit);
        await CommittedAsync(Next(Key("a"), saga.Number, 1));
    }

    [Fact]
    public async Task Retry_WhenDiskStaysBad_KeepsTryingUntilItIsGood()
    {
        var tries = 0;
        Sqlite.Writer.Hooks.BeforeCommit = () =>
        {
            tries++;
            throw new SqliteError(SyncFailed);
        };
        await CommitAsync(Start(Key("a")));
        await RetryTimerFiresAsync();
        await RetryTimerFiresAsync();
        Assert.Equal(3, tries);
        await Assert.ThrowsAsync<StoreException>(() => Store.LoadAsync(Key("a"), default));

        Sqlite.Writer.Hooks.BeforeCommit = null;
        await RetryTimerFiresAsync();

        Assert.True(Store.Health.IsHealthy);
        Assert.Null(await Store.LoadAsync(Key("a"), default));
    }

    [Fact]
    public async Task Commit_WhenTheConnectionIsStuckInATransaction_TakesANewOne()
    {
        await CommittedAsync(Start(Key("before")));
        await Sqlite.Writer.RunAsync(c =>
        {
            c.Execute("BEGIN IMMEDIATE; DELETE FROM saga");
            return true;
        });

        var first = await CommitAsync(Start(Key("a")));
        Assert.NotEqual(CommitOutcome.Committed, first.Outcome);
        await CommittedAsync(Start(Key("b")));

        await LoadedAsync(Key("before"));
    }

    [Fact]
    public async Task Commit_WhenOneCannotBeWrittenForItsOwnReason_NeighboursAre()
    {
        await Sqlite.Writer.RunAsync(c =>
        {
            c.Execute("CREATE TRIGGER refuse BEFORE INSERT ON saga WHEN NEW.id = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END");
            return true;
        });

        var number = await CommittedAsync(Start(Key("old")));

        var results = await InOneBatchAsync(
            Next(Key("old"), number, 1),
            Start(Key("a")),
            Start(Key("bad")),
            Start(Key("b")),
            Start(Key("a"))
        );

        Assert.Equal(
            [CommitOutcome.Committed, CommitOutcome.Committed, CommitOutcome.NotCommitted, CommitOutcome.Committed, CommitOutcome.Conflict],
            results.Select(r => r.Outcome)
        );
        Assert.Equal(["b", "a", "old"], await ListIdsAsync(new SagaQuery()));
        Assert.True(Store.Health.IsHealthy);
    }

    [Fact]
    public async Task Load_WhenTheWriterHoldsItsTransaction_DoesNotWait()
    {
        await CommittedAsync(Start(Key("before")));
        using var inside = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        Sqlite.Writer.Hooks.BeforeCommit = () =>
        {
            inside.Release();
            goOn.Wait();
        };
        var writing = CommitAsync(Start(Key("a")));
        await inside.WaitAsync().For("the writer to be inside its transaction");

        await LoadedAsync(Key("before")).For("a reader beside the writer");
        Assert.Null(await Store.LoadAsync(Key("a"), default).For("a reader beside the writer"));
        Assert.Equal(["before"], await ListIdsAsync(new SagaQuery()).For("a listing beside the writer"));

        Assert.False(writing.IsCompleted);
        Sqlite.Writer.Hooks.BeforeCommit = null;
        goOn.Release();
        Assert.Equal(CommitOutcome.Committed, (await writing.For("the writer")).Outcome);
    }

    private Task<long> LimitPagesAsync(int room) =>
        Sqlite.Writer.RunAsync(c =>
        {
            var pages = c.Scalar("PRAGMA page_count") + room;
            return c.Scalar($"PRAGMA max_page_count = {pages}");
        });
}
