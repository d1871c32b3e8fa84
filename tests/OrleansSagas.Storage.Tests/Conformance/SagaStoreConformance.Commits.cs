using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Conformance;

public abstract partial class SagaStoreConformance
{
    [Fact]
    public async Task Commit_WhenSagaIsNew_WritesRowAndEntriesTogether()
    {
        var row = new SagaRow
        {
            Status = SagaStatus.Waiting,
            Owner = Opened.Incarnation,
            Tags = [new("customer", "c-1"), new("region", "")],
        };
        var commit = Start(Key("a"), row, correlation: "corr", parent: "parent");
        var number = await CommittedAsync(commit);

        var saga = await LoadedAsync(Key("a"));
        Assert.Equal(number, saga.Number);
        Assert.Equal(Key("a"), saga.Key);
        Assert.Equal(commit.NewSaga, saga.Identity);
        Assert.Equal(row.Tags, saga.Row.Tags);
        Assert.Equal(row with { Tags = saga.Row.Tags }, saga.Row);
        var entry = Assert.Single(saga.Entries);
        Assert.Equal(commit.Entries[0] with { Body = entry.Body }, entry);
        Assert.Equal(commit.Entries[0].Body.ToArray(), entry.Body.ToArray());
    }

    [Fact]
    public async Task Commit_WhenIdIsTaken_ConflictsAndWritesNothing()
    {
        await CommittedAsync(Start(Key("a")));

        var result = await CommitAsync(Start(Key("a"), row: Completed, request: Request("r", "a")));

        Assert.Equal(CommitOutcome.Conflict, result.Outcome);
        Assert.Equal(SagaStatus.Running, (await LoadedAsync(Key("a"))).Row.Status);
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("r"), Noon, default));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Commit_WhenSagaStandsElsewhere_ConflictsAndWritesNothing(long expected)
    {
        var number = await CommittedAsync(Start(Key("a")));
        await CommittedAsync(Next(Key("a"), number, 1));

        var result = await CommitAsync(Next(Key("a"), number, expected, entries: 2, row: Completed, request: Request("r", "a")));

        Assert.Equal(CommitOutcome.Conflict, result.Outcome);
        var saga = await LoadedAsync(Key("a"));
        Assert.Equal(2, saga.Entries.Count);
        Assert.Equal(SagaStatus.Running, saga.Row.Status);
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("r"), Noon, default));
    }

    [Fact]
    public async Task Commit_WhenNumberIsUnknown_Conflicts()
    {
        var number = await CommittedAsync(Start(Key("a")));

        Assert.Equal(CommitOutcome.Conflict, (await CommitAsync(Next(Key("a"), number + 100, 1))).Outcome);
    }

    [Fact]
    public async Task Commit_WhenRowIsGiven_OverwritesAllOfIt()
    {
        var number = await CommittedAsync(
            Start(
                Key("a"),
                new SagaRow
                {
                    Status = SagaStatus.Running,
                    Owner = Opened.Incarnation,
                    Tags = [new("a", "1"), new("b", "2")],
                }
            )
        );
        var row = new SagaRow
        {
            Status = SagaStatus.Failed,
            Reason = SagaEndReason.Deadline,
            EndedAt = Noon.AddMinutes(1),
            Problem = "cannot be read: äöü \u20ac",
            Tags = [new("b", "3")],
            Snapshot = new byte[] { 1, 2, 3 },
            SnapshotRevision = 1,
        };
        await CommittedAsync(Next(Key("a"), number, 1, row: row));

        var saga = await LoadedAsync(Key("a"));
        Assert.Equal(row.Tags, saga.Row.Tags);
        Assert.Equal([1, 2, 3], saga.Row.Snapshot!.Value.ToArray());
        Assert.Equal(row with { Tags = saga.Row.Tags, Snapshot = saga.Row.Snapshot }, saga.Row);
    }

    [Fact]
    public async Task Commit_WhenGuardAloneHolds_CommitsNothing()
    {
        var number = await CommittedAsync(Start(Key("a")));

        Assert.Equal(CommitOutcome.Committed, (await CommitAsync(Next(Key("a"), number, 1, entries: 0))).Outcome);
        Assert.Equal(CommitOutcome.Conflict, (await CommitAsync(Next(Key("a"), number, 2, entries: 0))).Outcome);
        Assert.Single((await LoadedAsync(Key("a"))).Entries);
    }

    [Fact]
    public async Task Commit_WhenNoSagaIsExpected_HoldsOnlyWithoutOne()
    {
        await CommittedAsync(Start(Key("there")));

        SagaCommit Guard(string id) =>
            new()
            {
                Id = new CommitId(-1),
                At = Noon,
                Saga = Key(id),
                ExpectedRevision = 0,
            };
        Assert.Equal(CommitOutcome.Committed, (await CommitAsync(Guard("nowhere"))).Outcome);
        Assert.Equal(CommitOutcome.Conflict, (await CommitAsync(Guard("there"))).Outcome);
    }

    [Fact]
    public async Task Commit_WhenNeighbourConflicts_IsNotTouched()
    {
        var number = await CommittedAsync(Start(Key("a")));

        var results = await InOneBatchAsync(
            Start(Key("b")),
            Next(Key("a"), number, 7, row: Completed),
            Start(Key("a"), request: Request("r", "a")),
            Start(Key("c"))
        );

        Assert.Equal(
            [CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Conflict, CommitOutcome.Committed],
            results.Select(r => r.Outcome)
        );
        await LoadedAsync(Key("b"));
        await LoadedAsync(Key("c"));
    }

    [Fact]
    public async Task Commit_WhenNeighbourIsMalformed_IsNotTouched()
    {
        var gap = Start(Key("gap"));
        gap = new SagaCommit
        {
            Id = gap.Id,
            At = gap.At,
            Saga = gap.Saga,
            ExpectedRevision = 0,
            NewSaga = gap.NewSaga,
            Row = gap.Row,
            Entries = [Entry(gap.Id, 2, "Started")],
        };

        var results = await InOneBatchAsync(Start(Key("b")), gap, Start(Key("c")));

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.NotCommitted, CommitOutcome.Committed], results.Select(r => r.Outcome));
        Assert.IsType<ArgumentException>(results[1].Error);
        Assert.Null(await Store.LoadAsync(Key("gap"), default));
    }

    [Fact]
    public async Task Commit_WhenTwoForOneSagaMeetInABatch_ChainsThemInOrder()
    {
        var number = await CommittedAsync(Start(Key("a")));

        var results = await InOneBatchAsync(Next(Key("a"), number, 1), Next(Key("a"), number, 1), Next(Key("a"), number, 2, entries: 2));

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Committed], results.Select(r => r.Outcome));
        Assert.Equal([1, 2, 3, 4], (await LoadedAsync(Key("a"))).Entries.Select(e => e.Revision));
    }

    [Fact]
    public async Task Commit_WhenTwoStartsOfOneIdMeetInABatch_TheFirstWins()
    {
        var results = await InOneBatchAsync(Start(Key("a"), correlation: "first"), Start(Key("a"), correlation: "second"));

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict], results.Select(r => r.Outcome));
        Assert.Equal("first", (await LoadedAsync(Key("a"))).Identity.CorrelationId);
    }

    [Fact]
    public async Task Commit_When64WritersRaceForOneSaga_ExactlyOneWinsEachRevision()
    {
        const int revisions = 20;
        var number = await CommittedAsync(Start(Key("a")));

        async Task<int> RaceAsync()
        {
            var won = 0;
            for (var revision = 1; revision <= revisions; revision++)
            {
                var result = await CommitAsync(Next(Key("a"), number, revision));
                if (result.Outcome is CommitOutcome.Committed)
                    won++;
                else
                    Assert.Equal(CommitOutcome.Conflict, result.Outcome);
            }

            return won;
        }

        var wins = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(RaceAsync))).For("64 writers");

        Assert.Equal(revisions, wins.Sum());
        Assert.Equal(
            Enumerable.Range(1, revisions + 1).Select(i => (long)i),
            (await LoadedAsync(Key("a"))).Entries.Select(e => e.Revision)
        );
    }

    [Fact]
    public async Task Commit_WhenWithdrawnWhileItWaits_IsNotCommitted()
    {
        using var withdraw = new CancellationTokenSource();
        HoldBatches();
        var withdrawn = CommitAsync(Start(Key("a")), withdraw.Token);
        var other = CommitAsync(Start(Key("b")));
        await withdraw.CancelAsync();
        var result = await withdrawn.For("a withdrawn commit");
        ReleaseBatches();

        Assert.Equal(CommitOutcome.NotCommitted, result.Outcome);
        Assert.Null(result.Error);
        Assert.Equal(CommitOutcome.Committed, (await other.For("its neighbour")).Outcome);
        Assert.Null(await Store.LoadAsync(Key("a"), default));
    }

    [Fact]
    public async Task Commit_WhenWithdrawnAfterwards_StaysCommitted()
    {
        using var withdraw = new CancellationTokenSource();
        Assert.Equal(CommitOutcome.Committed, (await CommitAsync(Start(Key("a")), withdraw.Token)).Outcome);
        await withdraw.CancelAsync();

        await LoadedAsync(Key("a"));
    }

    [Fact]
    public async Task Commit_WhenStoreIsClosed_IsNotCommittedAndSaysSo()
    {
        await Store.DisposeAsync();

        var result = await CommitAsync(Start(Key("a")));

        Assert.Equal(CommitOutcome.NotCommitted, result.Outcome);
        Assert.IsType<StoreException>(result.Error);
    }

    [Fact]
    public async Task Dispose_WhenCommitsWait_WritesThemFirst()
    {
        HoldBatches();
        var waiting = Enumerable.Range(0, 10).Select(i => CommitAsync(Start(Key($"s{i}")))).ToArray();
        var disposing = Store.DisposeAsync().AsTask();
        ReleaseBatches();
        await disposing.For("the store to close");

        Assert.All(await Task.WhenAll(waiting), r => Assert.Equal(CommitOutcome.Committed, r.Outcome));
        await ReopenAsync();
        Assert.Equal(10, (await ListIdsAsync(new SagaQuery())).Length);
    }
}
