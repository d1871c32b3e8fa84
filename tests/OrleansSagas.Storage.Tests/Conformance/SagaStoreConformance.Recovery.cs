using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Conformance;

public abstract partial class SagaStoreConformance
{
    [Fact]
    public async Task Open_WhenDoneAgain_HandsOutAGreaterIncarnation()
    {
        var first = Opened.Incarnation;
        await ReopenAsync();
        var second = Opened.Incarnation;
        await ReopenAsync();

        Assert.True(first.Value < second.Value);
        Assert.True(second.Value < Opened.Incarnation.Value);
    }

    [Fact]
    public async Task Open_WhenAnotherEngineHoldsTheStore_RefusesAndLeavesItAlone()
    {
        await using var second = CreateStore(Runtime);

        var refused = await Assert.ThrowsAsync<StoreException>(() => second.OpenAsync([OrderPlan], default));

        Assert.Contains("is held by another engine", refused.Message, StringComparison.Ordinal);
        Assert.False(second.Health.IsHealthy);
        await CommittedAsync(Start(Key("a")));
        await Store.DisposeAsync();
        await using var third = CreateStore(Runtime);
        await third.OpenAsync([OrderPlan], default).For("a store that was let go of");
    }

    [Fact]
    public async Task Open_WhenUnfinishedSagasNeedAVersion_NamesItAsMissing()
    {
        var reshaped = OrderPlan with { Fingerprint = "shape-9" };
        var other = new PlanIdentity("other", 3, "x");
        await CommittedAsync(Start(Key("a")));
        await CommittedAsync(Start(Key("b", "elsewhere"), plan: other));
        await CommittedAsync(Start(Key("c"), Completed, plan: new PlanIdentity("finished", 1, "y")));
        await CommittedAsync(
            Start(Key("d"), new SagaRow { Status = SagaStatus.Failed, EndedAt = Noon }, plan: new PlanIdentity("failed", 1, "z"))
        );

        await ReopenAsync(reshaped);

        Assert.Equal([OrderPlan, other], Opened.Missing.OrderBy(p => p.Type == "other"));
        await ReopenAsync(OrderPlan, other);
        Assert.Empty(Opened.Missing);
    }

    [Fact]
    public async Task Open_WhenLastSagaOfAVersionEnded_ReplacesIt()
    {
        var number = await CommittedAsync(Start(Key("a")));
        await CommittedAsync(Next(Key("a"), number, 1, row: Completed));
        var reshaped = OrderPlan with { Fingerprint = "shape-9" };

        await ReopenAsync(reshaped);
        Assert.Empty(Opened.Missing);
        await CommittedAsync(Start(Key("b"), plan: reshaped));
        await ReopenAsync(OrderPlan);

        Assert.Equal([reshaped], Opened.Missing);
    }

    [Fact]
    public async Task FindDue_WhenSomeAreDue_ReturnsThemOldestWakeUpFirst()
    {
        async Task WaitAsync(string id, int seconds, SagaStatus status = SagaStatus.Waiting, Incarnation? owner = null) =>
            await CommittedAsync(
                Start(
                    Key(id),
                    new SagaRow
                    {
                        Status = status,
                        WakeAt = Noon.AddSeconds(seconds),
                        Owner = owner,
                        EndedAt = status.IsTerminal() ? Noon : null,
                    }
                )
            );
        await WaitAsync("late", 30);
        await WaitAsync("first", 10);
        await WaitAsync("second", 10, SagaStatus.Compensating);
        await WaitAsync("future", 31);
        await WaitAsync("held", 5, owner: Opened.Incarnation);
        await WaitAsync("ended", 5, SagaStatus.Completed);
        await CommittedAsync(Start(Key("never"), new SagaRow { Status = SagaStatus.Waiting }));

        var due = await Store.FindDueAsync(SagaPartition.All, Noon.AddSeconds(30), null, 10, default);

        Assert.Equal(["first", "second", "late"], due.Select(d => d.Key.Id.Value));
        Assert.Equal([Noon.AddSeconds(10), Noon.AddSeconds(10), Noon.AddSeconds(30)], due.Select(d => d.WakeAt!.Value));
    }

    [Fact]
    public async Task FindDue_WhenPaged_GoesOnBehindTheLast()
    {
        for (var i = 0; i < 9; i++)
            await CommittedAsync(Start(Key($"s{i}"), new SagaRow { Status = SagaStatus.Waiting, WakeAt = Noon.AddSeconds(i / 4) }));

        var found = new List<string>();
        DueSaga? last = null;
        while (await Store.FindDueAsync(SagaPartition.All, Noon.AddHours(1), last, 2, default) is { Count: > 0 } page)
        {
            found.AddRange(page.Select(d => d.Key.Id.Value));
            last = page[^1];
        }

        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"s{i}"), found);
    }

    [Fact]
    public async Task FindOrphans_WhenOwnersDied_ReturnsTheirSagasOldestStartFirst()
    {
        var alive = new Incarnation(1000);
        Incarnation?[] owners = [new(7), alive, new(3), null, new(7), new(3), alive];
        for (var i = 0; i < owners.Length; i++)
            await CommittedAsync(Start(Key($"s{i}"), new SagaRow { Status = SagaStatus.Running, Owner = owners[i] }));
        await CommittedAsync(Start(Key("ended"), Completed with { Owner = new Incarnation(3) }));

        var found = new List<DueSaga>();
        DueSaga? last = null;
        while (await Store.FindOrphansAsync(SagaPartition.All, [alive], last, 2, default) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 2);
            found.AddRange(page);
            last = page[^1];
        }

        Assert.Equal(["s0", "s2", "s4", "s5"], found.Select(d => d.Key.Id.Value));
        Assert.All(found, d => Assert.Null(d.WakeAt));
        Assert.Equal(6, (await Store.FindOrphansAsync(SagaPartition.All, [], null, 10, default)).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Find_WhenSagasAreDividedIntoPartitions_EachIsInOne(int count)
    {
        for (var i = 0; i < 24; i++)
        {
            await CommittedAsync(Start(Key($"due{i}"), new SagaRow { Status = SagaStatus.Waiting, WakeAt = Noon.AddSeconds(i / 5) }));
            await CommittedAsync(
                Start(Key($"orphan{i}"), new SagaRow { Status = SagaStatus.Running, Owner = new Incarnation(3 + (i % 2)) })
            );
        }

        var all = new List<string>();
        for (var number = 0; number < count; number++)
        {
            var partition = new SagaPartition(number, count);
            var due = await AllAsync(after => Store.FindDueAsync(partition, Noon.AddHours(1), after, 2, default));
            var orphans = await AllAsync(after => Store.FindOrphansAsync(partition, [], after, 2, default));
            Assert.All(due.Concat(orphans), found => Assert.True(partition.Holds(found.Number)));
            Assert.Equal(due.OrderBy(found => found.WakeAt).ThenBy(found => found.Number), due);
            Assert.Equal(orphans.OrderBy(found => found.Number), orphans);
            all.AddRange(due.Concat(orphans).Select(found => found.Key.Id.Value));
        }

        Assert.Equal(48, all.Count);
        Assert.Equal(48, all.Distinct().Count());

        static async Task<List<DueSaga>> AllAsync(Func<DueSaga?, Task<IReadOnlyList<DueSaga>>> find)
        {
            var found = new List<DueSaga>();
            while (await find(found.LastOrDefault()) is { Count: > 0 } page)
            {
                Assert.InRange(page.Count, 1, 2);
                found.AddRange(page);
            }

            return found;
        }
    }

    [Fact]
    public async Task FindOrphans_WhenSagaWasAdopted_LeavesItOut()
    {
        var number = await CommittedAsync(Start(Key("a"), new SagaRow { Status = SagaStatus.Running, Owner = new Incarnation(3) }));
        await CommittedAsync(Next(Key("a"), number, 1, row: new SagaRow { Status = SagaStatus.Running, Owner = Opened.Incarnation }));

        Assert.Empty(await Store.FindOrphansAsync(SagaPartition.All, [Opened.Incarnation], null, 10, default));
    }

    [Fact]
    public async Task FindHeld_WhenSomeAreHeld_ReturnsThemAndNobodyElseDoes()
    {
        var other = new PlanIdentity("other", 3, "x");
        var held = new SagaRow { Status = SagaStatus.Held, Problem = "nobody has it" };
        await CommittedAsync(Start(Key("a"), held with { Owner = Incarnation.Dead }));
        await CommittedAsync(Start(Key("runs")));
        await CommittedAsync(Start(Key("stuck"), new SagaRow { Status = SagaStatus.Stuck }));
        await CommittedAsync(Start(Key("ended"), Completed));
        await CommittedAsync(Start(Key("b", "elsewhere"), held with { WakeAt = Noon }, plan: other));
        var number = await CommittedAsync(Start(Key("c"), held));

        var found = await Store.FindHeldAsync(null, 10, default);

        Assert.Equal(["default/a", "default/c", "elsewhere/b"], found.Select(saga => saga.Key.ToString()));
        Assert.Equal([OrderPlan, OrderPlan, other], found.Select(saga => saga.Plan));
        Assert.Equal(number, found[1].Number);
        Assert.All(found, saga => Assert.Null(saga.WakeAt));
        Assert.DoesNotContain(
            await Store.FindDueAsync(SagaPartition.All, Noon.AddDays(1), null, 10, default),
            due => due.Key.Id.Value == "b"
        );
        Assert.DoesNotContain(await Store.FindOrphansAsync(SagaPartition.All, [], null, 10, default), orphan => orphan.Key.Id.Value == "a");
        Assert.Equal(["c", "a"], await ListIdsAsync(new SagaQuery { Status = SagaStatus.Held }));
        var row = (await Store.LoadAsync(Key("a"), default))!.Row;
        Assert.Equal((SagaStatus.Held, Incarnation.Dead, "nobody has it", null), (row.Status, row.Owner, row.Problem, row.EndedAt));
        Assert.Equal(1, await Store.PurgeAsync(Noon.AddYears(1), Noon.AddYears(1), 10, default));

        await CommittedAsync(Next(Key("c"), number, 1, row: new SagaRow { Status = SagaStatus.Running, Owner = Opened.Incarnation }));
        Assert.Equal(["a", "b"], (await Store.FindHeldAsync(null, 10, default)).Select(saga => saga.Key.Id.Value));
        await ReopenAsync();
        Assert.Equal([other], Opened.Missing);
    }

    [Fact]
    public async Task FindHeld_WhenPaged_GoesOnBehindTheLast()
    {
        for (var i = 0; i < 9; i++)
            await CommittedAsync(
                Start(Key($"s{i}", i % 2 == 0 ? "a" : "b"), new SagaRow { Status = SagaStatus.Held, Problem = "nobody has it" })
            );

        var found = new List<string>();
        DueSaga? last = null;
        while (await Store.FindHeldAsync(last, 2, default) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 2);
            found.AddRange(page.Select(saga => saga.Key.Id.Value));
            last = page[^1];
        }

        Assert.Equal(["s0", "s2", "s4", "s6", "s8", "s1", "s3", "s5", "s7"], found);
    }

    [Fact]
    public async Task Count_CountsWhatWaitsIsStuckAndIsHeld_OfOnePartition_UpToTheLimit()
    {
        var waiting = new SagaRow { Status = SagaStatus.Running, WakeAt = Noon };
        var stuck = new SagaRow { Status = SagaStatus.Stuck };
        var held = new SagaRow { Status = SagaStatus.Held, Problem = "nobody has it" };
        Assert.Equal(default, await Store.CountAsync(SagaPartition.All, 100, default));
        var numbers = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            var @namespace = i % 2 == 0 ? "a" : "b";
            numbers.Add(await CommittedAsync(Start(Key($"w{i}", @namespace), waiting with { WakeAt = Noon.AddSeconds(i) })));
            numbers.Add(await CommittedAsync(Start(Key($"s{i}", @namespace), stuck)));
            await CommittedAsync(Start(Key($"runs{i}", @namespace)));
            await CommittedAsync(Start(Key($"ended{i}", @namespace), Completed));
        }

        numbers.Add(await CommittedAsync(Start(Key("h"), held)));

        Assert.Equal(new SagaCounts(4, 4, 1), await Store.CountAsync(SagaPartition.All, 100, default));
        Assert.Equal(new SagaCounts(3, 3, 1), await Store.CountAsync(SagaPartition.All, 3, default));
        var parts = new List<SagaCounts>();
        for (var i = 0; i < 3; i++)
            parts.Add(await Store.CountAsync(new SagaPartition(i, 3), 100, default));
        Assert.Equal((4, 4, 1), (parts.Sum(part => part.Waiting), parts.Sum(part => part.Stuck), parts.Sum(part => part.Held)));
        Assert.Equal(numbers.Count(new SagaPartition(1, 3).Holds), parts[1].Waiting + parts[1].Stuck + parts[1].Held);

        await CommittedAsync(Next(Key("h"), numbers[^1], 1, row: new SagaRow { Status = SagaStatus.Running, Owner = Opened.Incarnation }));
        Assert.Equal(new SagaCounts(4, 4, 0), await Store.CountAsync(SagaPartition.All, 100, default));
    }

    [Fact]
    public async Task FindOrphans_NamesTheDefinition()
    {
        var other = new PlanIdentity("other", 3, "x");
        await CommittedAsync(Start(Key("a"), new SagaRow { Status = SagaStatus.Running, Owner = new Incarnation(3) }, plan: other));
        await CommittedAsync(Start(Key("b"), new SagaRow { Status = SagaStatus.Waiting, WakeAt = Noon }, plan: other));

        Assert.Equal(other, Assert.Single(await Store.FindOrphansAsync(SagaPartition.All, [], null, 10, default)).Plan);
        Assert.Equal(other, Assert.Single(await Store.FindDueAsync(SagaPartition.All, Noon, null, 10, default)).Plan);
    }

    [Fact]
    public async Task Purge_WhenSagasEndedLongAgo_RemovesThemWithAllTheirParts()
    {
        await CommittedAsync(Start(Key("old"), Completed with { Tags = [new("k", "v")] }, Request("r", "old")));
        await CommittedAsync(Start(Key("later"), Completed with { EndedAt = Noon.AddDays(3) }));
        await CommittedAsync(Start(Key("runs")));

        Assert.Equal(1, await Store.PurgeAsync(Noon.AddDays(2), Noon.AddDays(2), 100, default));

        Assert.Null(await Store.LoadAsync(Key("old"), default));
        Assert.Null(await Store.ReadHistoryAsync(Key("old"), 0, 10, default));
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("r"), Noon.AddDays(2), default));
        Assert.Empty(await ListIdsAsync(new SagaQuery { Tags = [new("k", "v")] }));
        Assert.Equal(["runs", "later"], await ListIdsAsync(new SagaQuery()));
    }

    [Fact]
    public async Task Purge_WhenThereAreMore_StopsAtTheLimit()
    {
        for (var i = 0; i < 5; i++)
            await CommittedAsync(Start(Key($"s{i}"), Completed));

        Assert.Equal(2, await Store.PurgeAsync(Noon.AddDays(2), Noon.AddDays(2), 2, default));
        Assert.Equal(2, await Store.PurgeAsync(Noon.AddDays(2), Noon.AddDays(2), 2, default));
        Assert.Equal(1, await Store.PurgeAsync(Noon.AddDays(2), Noon.AddDays(2), 2, default));
        Assert.Equal(0, await Store.PurgeAsync(Noon.AddDays(2), Noon.AddDays(2), 2, default));
    }

    [Fact]
    public async Task Purge_WhenRequestsHaveNotExpired_KeepsThemToTheirOwnTime()
    {
        var number = await CommittedAsync(Start(Key("a"), request: Request("start", "a")));
        await CommittedAsync(Next(Key("a"), number, 1, row: Completed, request: Request("verb", "a")));
        var now = Noon.AddHours(1);

        Assert.Equal(1, await Store.PurgeAsync(now, now, 100, default));

        foreach (var key in new[] { "start", "verb" })
        {
            Assert.Equal(
                "a",
                (await Store.FindRequestAsync(RequestKeyOf(key), Noon.AddHours(24).AddMilliseconds(-1), default))!.Saga.Value
            );
            Assert.Null(await Store.FindRequestAsync(RequestKeyOf(key), Noon.AddHours(24), default));
        }

        Assert.Equal(CommitOutcome.DuplicateRequest, (await CommitAsync(Start(Key("b"), request: Request("start", "b"), at: now))).Outcome);
        await Store.PurgeAsync(Noon, Noon.AddHours(24), 100, default);
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("start"), now, default));
        Assert.Null(await Store.FindRequestAsync(RequestKeyOf("verb"), now, default));
    }

    [Fact]
    public async Task Purge_WhenSagaIsKeptLongerThanItsRequests_RemovesTheirRows()
    {
        for (var i = 0; i < 5; i++)
            await CommittedAsync(Start(Key($"s{i}"), Completed with { EndedAt = Noon.AddMilliseconds(i) }, Request($"r{i}", $"s{i}")));
        for (var i = 0; i < 5; i++)
            Assert.Equal(0, await Store.PurgeAsync(Noon.AddYears(-1), Noon.AddHours(25), 2, default));

        // Seen from a time at which they had not expired, the rows are gone all the same.
        for (var i = 0; i < 5; i++)
            Assert.Null(await Store.FindRequestAsync(RequestKeyOf($"r{i}"), Noon, default));
        Assert.Equal(5, (await ListIdsAsync(new SagaQuery())).Length);
    }

    [Fact]
    public async Task Commit_WhenSagaWasPurged_ConflictsAndItsNumberIsNotUsedAgain()
    {
        var number = await CommittedAsync(Start(Key("a"), Completed));
        Assert.Equal(1, await Store.PurgeAsync(Noon.AddDays(2), Noon.AddDays(2), 100, default));

        Assert.Equal(CommitOutcome.Conflict, (await CommitAsync(Next(Key("a"), number, 1))).Outcome);
        await ReopenAsync();
        Assert.True(await CommittedAsync(Start(Key("a"))) > number);
    }
}
