using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Tests.Conformance;

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
        var results = await InOneBatchAsync(
            Start(Key("a"), request: Request("r", "a")),
            Start(Key("b"), request: Request("r", "b")),
            Start(Key("c"))
        );

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.DuplicateRequest, CommitOutcome.Committed], results.Select(r => r.Outcome));
        Assert.Equal("a", results[1].Earlier!.Saga.Value);
    }

    [Fact]
    public async Task Commit_WhenRequestKeysDifferInCaseOrNamespace_TakesBoth()
    {
        await CommittedAsync(Start(Key("a"), request: Request("r", "a")));
        await CommittedAsync(Start(Key("b"), request: Request("R", "b")));
        await CommittedAsync(Start(Key("c", "other"), request: Request("r", "c", @namespace: "other")));

        Assert.Equal("b", (await Store.FindRequestAsync(RequestKeyOf("R"), Noon, default))!.Saga.Value);
        Assert.Equal("c", (await Store.FindRequestAsync(RequestKeyOf("r", "other"), Noon, default))!.Saga.Value);
    }

    [Fact]
    public async Task Commit_WhenTwoCallersUseOneKey_EachHasItsOwnRequest()
    {
        await CommittedAsync(Start(Key("a"), request: Request("r", "a", caller: "Ann")));
        await CommittedAsync(Start(Key("b"), Completed, Request("r", "b", caller: "Bob")));

        var repeat = await CommitAsync(Start(Key("c"), request: Request("r", "c", caller: "Ann")));

        Assert.Equal((CommitOutcome.DuplicateRequest, "a", "Ann"), (repeat.Outcome, repeat.Earlier!.Saga.Value, repeat.Earlier.Key.Caller));
        Assert.Equal("b", (await Store.FindRequestAsync(RequestKeyOf("r", caller: "Bob"), Noon, default))!.Saga.Value);
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("r", caller: "ann"), Noon, default));

        // What becomes of the one is no matter to the other.
        Assert.Equal(1, await Store.PurgeAsync(Noon.AddDays(2), Noon.AddDays(2), 100, default));
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("r", caller: "Bob"), Noon, default));
        Assert.Equal("a", (await Store.FindRequestAsync(RequestKeyOf("r", caller: "Ann"), Noon.AddDays(2), default))!.Saga.Value);
    }

    [Fact]
    public async Task Commit_WhenTwoCallersOfOneKeyMeetInABatch_TakesBoth()
    {
        var results = await InOneBatchAsync(
            Start(Key("a"), request: Request("r", "a", caller: "Ann")),
            Start(Key("b"), request: Request("r", "b", caller: "Bob"))
        );

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Committed], results.Select(result => result.Outcome));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(32_767)]
    public async Task FindRequest_Always_SaysWhatWasHashed(int version)
    {
        await CommittedAsync(Start(Key("a"), request: Request("start", "a") with { HashVersion = version }));
        await InOneBatchAsync(Start(Key("b"), request: Request("other", "b") with { HashVersion = version }), Start(Key("c")));

        Assert.Equal(version, (await Store.FindRequestAsync(RequestKeyOf("start"), Noon, default))!.HashVersion);
        Assert.Equal(version, (await Store.FindRequestAsync(RequestKeyOf("other"), Noon, default))!.HashVersion);
        Assert.Equal(version, (await CommitAsync(Start(Key("d"), request: Request("other", "d")))).Earlier!.HashVersion);
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

        Assert.NotNull(await Store.FindRequestAsync(RequestKeyOf("r"), Noon.AddYears(10), default));
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("q"), Noon, default));
    }

    [Fact]
    public async Task FindRequest_WhenSagaEnded_ExpiresADayLater()
    {
        await CommittedAsync(Start(Key("a"), Completed, Request("r", "a")));

        Assert.NotNull(await Store.FindRequestAsync(RequestKeyOf("r"), Noon.AddHours(24).AddMilliseconds(-1), default));
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("r"), Noon.AddHours(24), default));
    }

    [Fact]
    public async Task Commit_WhenEarlierRequestExpired_TakesTheKey()
    {
        await CommittedAsync(Start(Key("a"), Completed, Request("r", "a")));
        var early = await CommitAsync(Start(Key("b"), request: Request("r", "b"), at: Noon.AddHours(23)));
        await CommittedAsync(Start(Key("c"), request: Request("r", "c"), at: Noon.AddHours(24)));

        Assert.Equal(CommitOutcome.DuplicateRequest, early.Outcome);
        Assert.Equal("c", (await Store.FindRequestAsync(RequestKeyOf("r"), Noon.AddHours(24), default))!.Saga.Value);
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
