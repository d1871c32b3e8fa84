using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Conformance;

/// <summary>
/// What every store must do that several engines hold at the same time: <see cref="SagaStoreFixture.Store"/> is that of the first one.
/// </summary>
public abstract class SagaClusterStoreConformance : SagaStoreFixture
{
    private ISagaClusterStore First => (ISagaClusterStore)Store;

    /// <summary>Lets no transaction write history until what is returned is disposed; those that began wait in the middle.</summary>
    protected abstract Task<IAsyncDisposable> StallWritesAsync();

    /// <summary>Waits until a transaction stands in the middle.</summary>
    protected abstract Task SomeoneIsStalledAsync();

    private protected override Task<EngineOpened> OpenAsync(ISagaStore store, params PlanIdentity[] plans) =>
        ((ISagaClusterStore)store).JoinAsync(Engine("first", plans), default);

    [Fact]
    public async Task Join_WhenOthersJoined_BothCommitAndAreListed()
    {
        await using var second = await JoinAsync("second");

        await CommittedAsync(Start(Key("a")));
        Assert.Equal(CommitOutcome.Committed, (await second.Store.CommitAsync(Start(Key("b")), default)).Outcome);

        var members = await First.ListMembersAsync(default);
        Assert.Equal([(Opened.Incarnation, "first"), (second.Incarnation, "second")], members.Select(m => (m.Incarnation, m.Name)));
        Assert.All(members, m => Assert.Equal([OrderPlan], m.Plans));
        Assert.Equal(["b", "a"], await ListIdsAsync(new SagaQuery()));
        Assert.True(second.Incarnation.Value > Opened.Incarnation.Value);
    }

    [Fact]
    public async Task Open_WhenAClusterHoldsTheStore_Refuses()
    {
        await using var local = CreateStore(Runtime);

        var refused = await Assert.ThrowsAsync<StoreException>(() => local.OpenAsync([OrderPlan], default));

        Assert.Contains("is held by another engine", refused.Message, StringComparison.Ordinal);
        await CommittedAsync(Start(Key("a")));
    }

    [Fact]
    public async Task Join_WhenALocalEngineHoldsTheStore_Refuses()
    {
        await Store.DisposeAsync();
        await using var local = CreateStore(Runtime);
        await local.OpenAsync([OrderPlan], default);
        await using var member = (ISagaClusterStore)CreateStore(Runtime);

        await Assert.ThrowsAsync<StoreException>(() => member.JoinAsync(Engine("late", OrderPlan), default));

        Assert.Equal(CommitOutcome.Committed, (await local.CommitAsync(Start(Key("a")), default)).Outcome);
    }

    [Fact]
    public async Task Dispose_WhenAMemberLeaves_ItIsListedNoMore()
    {
        var second = await JoinAsync("second");
        await second.DisposeAsync();

        Assert.Equal(["first"], (await First.ListMembersAsync(default)).Select(m => m.Name));
    }

    [Fact]
    public async Task Fence_WhenAnEngineIsShutOut_AllOfItsBatchesFailAndItSaysSo()
    {
        await using var second = await JoinAsync("second");
        var number = await CommittedAsync(Start(Key("a"), Running with { Owner = Opened.Incarnation }));

        Assert.True(await second.Store.FenceAsync(Opened.Incarnation, default));

        for (var i = 0; i < 2; i++)
        {
            var results = await InOneBatchAsync(
                Next(Key("a"), number, 1),
                Start(Key($"b{i}")),
                Start(Key($"c{i}"), request: Request("r", "c"))
            );
            Assert.All(results, r => Assert.Equal(CommitOutcome.NotCommitted, r.Outcome));
            Assert.All(results, r => Assert.Contains("shut out", Assert.IsType<StoreException>(r.Error).Message, StringComparison.Ordinal));
        }

        Assert.Contains("shut out", Store.Health.Problem, StringComparison.Ordinal);
        Assert.Single((await LoadedAsync(Key("a"))).Entries);
        Assert.Equal(["second"], (await second.Store.ListMembersAsync(default)).Select(m => m.Name));
        Assert.Equal(
            "a",
            Assert.Single(await second.Store.FindOrphansAsync(SagaPartition.All, [second.Incarnation], null, 10, default)).Key.Id.Value
        );
        Assert.Equal(CommitOutcome.Committed, (await second.Store.CommitAsync(Next(Key("a"), number, 1), default)).Outcome);
        Assert.False(await second.Store.FenceAsync(Opened.Incarnation, default));
    }

    [Fact]
    public async Task Health_WhenAnIdleEngineIsShutOut_SaysSo()
    {
        await using var second = await JoinAsync("second");

        await second.Store.FenceAsync(Opened.Incarnation, default);

        for (var i = 0; i < 1000 && Store.Health.IsHealthy; i++)
            await Task.Delay(10);
        Assert.Contains("shut out", Store.Health.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fence_WhenACommitIsUnderWay_WaitsForIt()
    {
        await using var second = await JoinAsync("second");
        await using var stall = await StallWritesAsync();
        var underWay = CommitAsync(Start(Key("a")));
        await SomeoneIsStalledAsync();

        var fencing = second.Store.FenceAsync(Opened.Incarnation, default);

        // It cannot have answered: the commit would come after it.
        Assert.NotSame(fencing, await Task.WhenAny(fencing, Task.Delay(300)));
        await stall.DisposeAsync();
        Assert.Equal(CommitOutcome.Committed, (await underWay.For("the commit under way")).Outcome);
        Assert.True(await fencing.For("the fence"));
        Assert.Equal(CommitOutcome.NotCommitted, (await CommitAsync(Start(Key("b")))).Outcome);
    }

    [Fact]
    public async Task Read_WhenATransactionStalls_SkipsNothing()
    {
        await using var second = await JoinAsync("second");
        var number = await CommittedAsync(Start(Key("a"), Running with { Owner = new Incarnation(1_000_000) }));
        await using var stall = await StallWritesAsync();
        var stalled = InOneBatchAsync(Next(Key("a"), number, 1), Start(Key("b"), Running with { Owner = new Incarnation(1_000_000) }));
        await SomeoneIsStalledAsync();
        var next = second.Store.CommitAsync(Next(Key("a"), number, 2), default).AsTask();
        var after = second.Store.CommitAsync(Start(Key("c"), Running with { Owner = new Incarnation(1_000_000) }), default).AsTask();

        // Nobody waits, and nobody sees an entry without those before it.
        Assert.Equal([1], (await Store.ReadHistoryAsync(Key("a"), 0, 10, default).For("a reader"))!.Select(e => e.Revision));
        Assert.Equal(["a"], await ListIdsAsync(new SagaQuery()).For("a list"));
        await stall.DisposeAsync();
        Assert.All(await stalled.For("the stalled batch"), r => Assert.Equal(CommitOutcome.Committed, r.Outcome));
        Assert.Equal(CommitOutcome.Conflict, (await next.For("the commit that was too early")).Outcome);
        Assert.Equal(CommitOutcome.Committed, (await after.For("the other engine's start")).Outcome);

        // What was numbered early and appeared late is found by the next search from the beginning.
        Assert.Equal([1, 2], (await Store.ReadHistoryAsync(Key("a"), 0, 10, default))!.Select(e => e.Revision));
        Assert.Equal(
            ["a", "b", "c"],
            (await Store.FindOrphansAsync(SagaPartition.All, [], null, 10, default))
                .Select(d => d.Key.Id.Value)
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(3, (await ListIdsAsync(new SagaQuery())).Length);
    }

    [Fact]
    public async Task Commit_WhenTwoEnginesRaceForManySagas_ExactlyOneWinsEachRevision()
    {
        const int sagas = 12;
        const int revisions = 15;
        await using var second = await JoinAsync("second");
        var numbers = new long[sagas];
        for (var i = 0; i < sagas; i++)
            numbers[i] = await CommittedAsync(Start(Key($"s{i}")));

        async Task<int> RaceAsync(ISagaStore store, int saga)
        {
            var won = 0;
            for (var revision = 1; revision <= revisions; revision++)
            {
                var row = revision % 3 == 0 ? Running with { Tags = [new("k", $"{revision}")] } : null;
                var result = await store.CommitAsync(Next(Key($"s{saga}"), numbers[saga], revision, row: row), default);
                if (result.Outcome == CommitOutcome.Committed)
                    won++;
                else
                    Assert.Equal((CommitOutcome.Conflict, null), (result.Outcome, result.Error));
            }

            return won;
        }

        var races = Enumerable
            .Range(0, sagas)
            .SelectMany(saga => new[] { Task.Run(() => RaceAsync(Store, saga)), Task.Run(() => RaceAsync(second.Store, saga)) });
        var wins = await Task.WhenAll(races).For("two engines");

        Assert.Equal(sagas * revisions, wins.Sum());
        for (var i = 0; i < sagas; i++)
            Assert.Equal(
                Enumerable.Range(1, revisions + 1).Select(r => (long)r),
                (await LoadedAsync(Key($"s{i}"))).Entries.Select(e => e.Revision)
            );
    }

    [Fact]
    public async Task Commit_WhenTwoEnginesStartOneId_ExactlyOneWins()
    {
        await using var second = await JoinAsync("second");
        for (var i = 0; i < 20; i++)
        {
            var (here, there) = (CommitAsync(Start(Key($"s{i}"))), second.Store.CommitAsync(Start(Key($"s{i}")), default).AsTask());
            var outcomes = (await Task.WhenAll(here, there).For("two starts")).Select(r => r.Outcome).Order();
            Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict], outcomes);
        }
    }

    [Fact]
    public async Task Commit_WhenTwoEnginesTakeOneRequest_ExactlyOneWinsAndTheOtherIsTold()
    {
        await using var second = await JoinAsync("second");
        for (var i = 0; i < 20; i++)
        {
            var here = CommitAsync(Start(Key($"a{i}"), request: Request($"r{i}", $"a{i}")));
            var there = second.Store.CommitAsync(Start(Key($"b{i}"), request: Request($"r{i}", $"b{i}")), default).AsTask();
            var results = await Task.WhenAll(here, there).For("two requests");
            var winner = results[0].Outcome == CommitOutcome.Committed ? "a" : "b";
            Assert.Equal([CommitOutcome.Committed, CommitOutcome.DuplicateRequest], results.Select(r => r.Outcome).Order());
            Assert.Equal($"{winner}{i}", results.Single(r => r.Earlier is not null).Earlier!.Saga.Value);
        }
    }

    [Fact]
    public async Task Open_WhenManyStartAtOnce_AllJoinOneSchema()
    {
        await Store.DisposeAsync();
        await RemovePlaceAsync();
        var stores = Enumerable.Range(0, 6).Select(_ => (ISagaClusterStore)CreateStore(Runtime)).ToArray();

        var opened = await Task.WhenAll(stores.Select((s, i) => Task.Run(() => s.JoinAsync(Engine($"m{i}", OrderPlan), default))))
            .For("six engines");

        Assert.Equal(6, opened.Select(o => o.Incarnation).Distinct().Count());
        Assert.Equal(6, (await stores[0].ListMembersAsync(default)).Count);
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task Join_WhenOthersDefineAVersion_KeepsIt()
    {
        var older = new PlanIdentity("order", 1, "older");
        await using (var second = (ISagaClusterStore)CreateStore(Runtime))
        {
            await second.JoinAsync(Engine("second", older), default);
            await using var third = await JoinAsync("third");
            Assert.Equal(CommitOutcome.Committed, (await second.CommitAsync(Start(Key("a"), plan: older), default)).Outcome);
        }

        await using var late = (ISagaClusterStore)CreateStore(Runtime);
        Assert.Equal([older], (await late.JoinAsync(Engine("late", OrderPlan), default)).Missing);
    }

    [Fact]
    public async Task Join_WhenItSaysWhatItDefines_TheOthersKnow()
    {
        PlanIdentity[] plans = [new("t\0", 7, "f\"1"), OrderPlan];
        await using var second = (ISagaClusterStore)CreateStore(Runtime);
        await using var third = (ISagaClusterStore)CreateStore(Runtime);
        await second.JoinAsync(Engine("second", plans), default);
        await third.JoinAsync(Engine("third"), default);

        var members = await First.ListMembersAsync(default);

        Assert.Equal(plans, members.Single(m => m.Name == "second").Plans);
        Assert.Empty(members.Single(m => m.Name == "third").Plans!);
    }

    [Fact]
    public async Task Join_WhenAnotherClusterIsAlive_IsRefusedInWordsThatNameBoth()
    {
        await using var other = (ISagaClusterStore)CreateStore(Runtime);
        foreach (var stranger in (ClusterIdentity[])[new("there", "orders"), new("here", "invoices")])
        {
            var refused = await Assert.ThrowsAsync<StoreException>(() =>
                other.JoinAsync(Engine("other", OrderPlan) with { Cluster = stranger }, default)
            );
            foreach (var name in (string[])["first", "here", "orders", stranger.ClusterId, stranger.ServiceId])
                Assert.Contains($"'{name}'", refused.Message, StringComparison.Ordinal);
            Assert.Contains("stop all silos of the other one first", refused.Message, StringComparison.Ordinal);
        }

        await CommittedAsync(Start(Key("a")));
        Assert.Equal(["first"], (await First.ListMembersAsync(default)).Select(m => m.Name));
        await using var second = await JoinAsync("second");
        Assert.Equal(2, (await First.ListMembersAsync(default)).Count);
    }

    [Fact]
    public async Task Join_WhenAllOfAnotherClusterHaveLeft_GoesOnWithItsSagas()
    {
        await CommittedAsync(Start(Key("a"), new SagaRow { Status = SagaStatus.Waiting, WakeAt = Noon }));
        await Store.DisposeAsync();
        var cluster = new ClusterIdentity("there", "orders");
        await using var other = (ISagaClusterStore)CreateStore(Runtime);

        await other.JoinAsync(Engine("other", OrderPlan) with { Cluster = cluster, Partitions = 7 }, default);

        Assert.Equal(("other", cluster), (await other.ListMembersAsync(default)).Select(m => (m.Name, m.Cluster!)).Single());
        Assert.Equal("a", Assert.Single(await other.FindDueAsync(SagaPartition.All, Noon, null, 10, default)).Key.Id.Value);
    }

    [Fact]
    public async Task Join_WhenTheClusterHasAnotherNumberOfPartitions_IsRefusedInWords()
    {
        await using var other = (ISagaClusterStore)CreateStore(Runtime);

        var refused = await Assert.ThrowsAsync<StoreException>(() =>
            other.JoinAsync(Engine("other", OrderPlan) with { Partitions = 8 }, default)
        );

        Assert.Contains("with 4 partitions; this silo is set to 8", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Set Partitions to 4", refused.Message, StringComparison.Ordinal);
        await CommittedAsync(Start(Key("a")));
    }

    private static JoiningEngine Engine(string name, params PlanIdentity[] plans) =>
        new(name, new ClusterIdentity("here", "orders"), 4, plans);

    private async Task<Member> JoinAsync(string name)
    {
        var store = (ISagaClusterStore)CreateStore(Runtime);
        return new Member(store, (await store.JoinAsync(Engine(name, OrderPlan), default)).Incarnation);
    }

    private sealed record Member(ISagaClusterStore Store, Incarnation Incarnation) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Store.DisposeAsync();
    }
}
