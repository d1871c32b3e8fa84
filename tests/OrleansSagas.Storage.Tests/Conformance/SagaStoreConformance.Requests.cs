using OrleansSagas.Storing;

namespace OrleansSagas.Tests.Conformance;

public abstract partial class SagaStoreConformance
{
    [Fact]
    public async Task Commit_WhenRequestWasTaken_IsDuplicateAndNamesTheEarlier()
    {
        await CommittedAsync(Start(Key("a"), request: Request("r", "a", fill: 5)));

        var result = await CommitAsync(Start(Key("b"), request: Request("r", "b", fill: 6)));

        Assert.Equal(CommitOutcome.DuplicateRequest, result.Outcome);
        Assert.Equal("a", result.Earlier!.Saga.Value);
        Assert.All(result.Earlier.Hash.ToArray(), b => Assert.Equal(5, b));
        Assert.Null(await Store.LoadAsync(Key("b"), default));
    }

    [Fact]
    public async Task Commit_WhenRequestWasTakenAndGuardFailsToo_IsDuplicate()
    {
        await CommittedAsync(Start(Key("a"), request: Request("r", "a")));

        Assert.Equal(CommitOutcome.DuplicateRequest, (await CommitAsync(Start(Key("a"), request: Request("r", "a")))).Outcome);
    }

    [Fact]
    public async Task Commit_WhenTwoWithOneRequestMeetInABatch_TheFirstWins()
    {
        var results = await InOneBatchAsync(Start(Key("a"), request: Request("r", "a")), Start(Key("b"), request: Request("r", "b")), Start(Key("c")));

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.DuplicateRequest, CommitOutcome.Committed], results.Select(r => r.Outcome));
        Assert.Equal("a", results[1].Earlier!.Saga.Value);
    }

    [Fact]
    public async Task Commit_WhenRequestKeysDifferInCaseOrNamespace_TakesBoth()
    {
        await CommittedAsync(Start(Key("a"), request: Request("r", "a")));
        await CommittedAsync(Start(Key("b"), request: Request("R", "b")));
        await CommittedAsync(Start(Key("c", "other"), request: Request("r", "c", @namespace: "other")));

        Assert.Equal("b", (await Store.FindRequestAsync("default", "R", Noon, default))!.Saga.Value);
        Assert.Equal("c", (await Store.FindRequestAsync("other", "r", Noon, default))!.Saga.Value);
    }

    [Fact]
    public async Task Commit_WhenConflictTookItsRequestBack_TheKeyIsFree()
    {
        await CommittedAsync(Start(Key("a")));
        Assert.Equal(CommitOutcome.Conflict, (await CommitAsync(Start(Key("a"), request: Request("r", "a")))).Outcome);

        await CommittedAsync(Start(Key("b"), request: Request("r", "b")));
    }

    [Fact]
    public async Task FindRequest_WhenSagaRuns_NeverExpires()
    {
        await CommittedAsync(Start(Key("a"), request: Request("r", "a")));

        Assert.NotNull(await Store.FindRequestAsync("default", "r", Noon.AddYears(10), default));
        Assert.Null(await Store.FindRequestAsync("default", "q", Noon, default));
    }

    [Fact]
    public async Task FindRequest_WhenSagaEnded_ExpiresADayLater()
    {
        await CommittedAsync(Start(Key("a"), Completed, Request("r", "a")));

        Assert.NotNull(await Store.FindRequestAsync("default", "r", Noon.AddHours(24).AddMilliseconds(-1), default));
        Assert.Null(await Store.FindRequestAsync("default", "r", Noon.AddHours(24), default));
    }

    [Fact]
    public async Task Commit_WhenEarlierRequestExpired_TakesTheKey()
    {
        await CommittedAsync(Start(Key("a"), Completed, Request("r", "a")));
        var early = await CommitAsync(Start(Key("b"), request: Request("r", "b"), at: Noon.AddHours(23)));
        await CommittedAsync(Start(Key("c"), request: Request("r", "c"), at: Noon.AddHours(24)));

        Assert.Equal(CommitOutcome.DuplicateRequest, early.Outcome);
        Assert.Equal("c", (await Store.FindRequestAsync("default", "r", Noon.AddHours(24), default))!.Saga.Value);
    }

    [Fact]
    public async Task Commit_WhenVerbCarriesRequest_TakesIt()
    {
        var number = await CommittedAsync(Start(Key("a"), request: Request("start", "a")));
        await CommittedAsync(Next(Key("a"), number, 1, request: Request("verb", "a")));

        var repeat = await CommitAsync(Next(Key("a"), number, 2, request: Request("verb", "a")));

        Assert.Equal(CommitOutcome.DuplicateRequest, repeat.Outcome);
        Assert.Equal(2, (await LoadedAsync(Key("a"))).Entries.Count);
    }
}
