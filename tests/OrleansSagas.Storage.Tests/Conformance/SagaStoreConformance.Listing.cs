using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Tests.Conformance;

public abstract partial class SagaStoreConformance
{
    private static readonly PlanIdentity RefundPlan = new("refund", 2, "shape-2");

    [Fact]
    public async Task List_WhenNothingIsAsked_ReturnsTheNamespaceNewestFirst()
    {
        var commit = Start(
            Key("a"),
            new SagaRow
            {
                Status = SagaStatus.Waiting,
                WakeAt = Noon,
                Tags = [new("k", "v")],
            },
            correlation: "x"
        );
        await CommittedAsync(commit);
        await CommittedAsync(Start(Key("hidden", "other")));
        await CommittedAsync(Start(Key("b")));

        var page = await Store.ListAsync(new SagaQuery(), default);

        Assert.Equal(["b", "a"], page.Items.Select(s => s.Key.Id.Value));
        Assert.Null(page.Next);
        Assert.Equal(commit.NewSaga, page.Items[1].Identity);
        Assert.Equal(commit.Row!.Tags, page.Items[1].Row.Tags);
        Assert.Equal(commit.Row with { Tags = page.Items[1].Row.Tags }, page.Items[1].Row);
        Assert.Equal(["hidden"], await ListIdsAsync(new SagaQuery { Namespace = "other" }));
    }

    /// <summary>Every combination of the filters against a plain reading of their meaning.</summary>
    [Fact]
    public async Task List_WhenFiltersCombine_ReturnsWhatMeetsAll()
    {
        var all = new List<SagaCommit>();
        var random = new Random(42);
        for (var i = 0; i < 120; i++)
        {
            var status = (SagaStatus)random.Next(10);
            all.Add(
                Start(
                    Key($"s{i}", random.Next(4) == 0 ? "other" : "default"),
                    new SagaRow
                    {
                        Status = status,
                        EndedAt = status.IsTerminal() ? Noon : null,
                        Tags = random.Next(3) switch
                        {
                            0 => [],
                            1 => [new("color", "red")],
                            _ => [new("color", random.Next(2) == 0 ? "red" : "Red"), new("size", "1")],
                        },
                    },
                    plan: random.Next(2) == 0 ? OrderPlan : RefundPlan,
                    correlation: random.Next(2) == 0 ? "c" : null,
                    at: Noon.AddSeconds(random.Next(100))
                )
            );
            await CommittedAsync(all[^1]);
        }

        foreach (var type in new[] { null, "order", "refund" })
        foreach (var status in new SagaStatus?[] { null, SagaStatus.Running, SagaStatus.Completed, SagaStatus.Failed })
        foreach (var correlation in new[] { null, "c", "C" })
        foreach (var tags in new KeyValuePair<string, string>[][] { [], [new("color", "red")], [new("color", "red"), new("size", "1")] })
        foreach (
            var (from, before) in new (DateTimeOffset?, DateTimeOffset?)[]
            {
                (null, null),
                (Noon.AddSeconds(30), null),
                (null, Noon.AddSeconds(60)),
                (Noon.AddSeconds(20), Noon.AddSeconds(80)),
            }
        )
        {
            var query = new SagaQuery
            {
                Type = type,
                Status = status,
                CorrelationId = correlation,
                Tags = tags,
                StartedFrom = from,
                StartedBefore = before,
                Limit = 7,
            };
            var expected = all.AsEnumerable().Reverse().Where(c => Meets(c, query)).Select(c => c.Saga.Id.Value);
            Assert.Equal(expected, await ListAllAsync(query));
        }
    }

    [Fact]
    public async Task List_WhenSagasStartBetweenPages_NeitherRepeatsNorSkips()
    {
        for (var i = 0; i < 10; i++)
            await CommittedAsync(Start(Key($"s{i}")));

        var first = await Store.ListAsync(new SagaQuery { Limit = 4 }, default);
        await CommittedAsync(Start(Key("new")));
        var second = await Store.ListAsync(new SagaQuery { Limit = 4, After = first.Next }, default);
        var third = await Store.ListAsync(new SagaQuery { Limit = 4, After = second.Next }, default);

        Assert.Equal(["s9", "s8", "s7", "s6"], first.Items.Select(s => s.Key.Id.Value));
        Assert.Equal(["s5", "s4", "s3", "s2"], second.Items.Select(s => s.Key.Id.Value));
        Assert.Equal(["s1", "s0"], third.Items.Select(s => s.Key.Id.Value));
        Assert.Null(third.Next);
    }

    [Fact]
    public async Task List_WhenLastPageIsFull_SaysItIsTheLast()
    {
        await CommittedAsync(Start(Key("a")));
        await CommittedAsync(Start(Key("b")));

        Assert.Null((await Store.ListAsync(new SagaQuery { Limit = 2 }, default)).Next);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1; DROP TABLE saga")]
    [InlineData("99999999999999999999999")]
    public async Task List_WhenCursorIsForeign_Refuses(string cursor) =>
        await Assert.ThrowsAsync<FormatException>(() => Store.ListAsync(new SagaQuery { After = cursor }, default));

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task List_WhenLimitIsOutOfRange_Refuses(int limit) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ListAsync(new SagaQuery { Limit = limit }, default));

    [Fact]
    public async Task List_WhenTagsChange_FindsOnlyTheNewOnes()
    {
        var number = await CommittedAsync(Start(Key("a"), Running with { Tags = [new("k", "1"), new("stays", "x")] }));
        await CommittedAsync(Next(Key("a"), number, 1, row: Running with { Tags = [new("k", "2"), new("stays", "x")] }));

        Assert.Empty(await ListIdsAsync(new SagaQuery { Tags = [new("k", "1")] }));
        Assert.Equal(["a"], await ListIdsAsync(new SagaQuery { Tags = [new("k", "2")] }));
        Assert.Equal(["a"], await ListIdsAsync(new SagaQuery { Tags = [new("stays", "x")] }));
        await CommittedAsync(Next(Key("a"), number, 2, row: Running));
        Assert.Empty(await ListIdsAsync(new SagaQuery { Tags = [new("stays", "x")] }));
    }

    [Fact]
    public async Task List_WhenBoundsAreFinerThanMilliseconds_HoldsThemExactly()
    {
        await CommittedAsync(Start(Key("a")));

        Assert.Empty(await ListIdsAsync(new SagaQuery { StartedFrom = Noon.AddTicks(1) }));
        Assert.Equal(["a"], await ListIdsAsync(new SagaQuery { StartedFrom = Noon }));
        Assert.Equal(["a"], await ListIdsAsync(new SagaQuery { StartedBefore = Noon.AddTicks(1) }));
        Assert.Empty(await ListIdsAsync(new SagaQuery { StartedBefore = Noon }));
    }

    private static bool Meets(SagaCommit commit, SagaQuery query) =>
        commit.Saga.Namespace == query.Namespace
        && (query.Type is null || commit.NewSaga!.Type == query.Type)
        && (query.Status is null || commit.Row!.Status == query.Status)
        && (query.CorrelationId is null || commit.NewSaga!.CorrelationId == query.CorrelationId)
        && (query.StartedFrom is null || commit.NewSaga!.StartedAt >= query.StartedFrom)
        && (query.StartedBefore is null || commit.NewSaga!.StartedAt < query.StartedBefore)
        && query.Tags.All(commit.Row!.Tags.Contains);

    private async Task<List<string>> ListAllAsync(SagaQuery query)
    {
        var ids = new List<string>();
        string? after = null;
        do
        {
            var page = await Store.ListAsync(query with { After = after }, default);
            Assert.InRange(page.Items.Count, after is null && page.Next is null ? 0 : 1, query.Limit);
            ids.AddRange(page.Items.Select(s => s.Key.Id.Value));
            after = page.Next;
        } while (after is not null);
        return ids;
    }
}
