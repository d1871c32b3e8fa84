namespace OrleansSagas.Engine.Tests;

/// <summary>A history is given in pages that a caller's memory, and ours, can bear.</summary>
public sealed class HistoryPageTests
{
    private const int Large = 200_000;

    public sealed record Notes(string Text, int Count);

    [Fact]
    public async Task HistoryAsync_WhenEntriesAreLarge_GivesFewAtATime_AndAllInTheEnd()
    {
        await using var engine = await new EngineFixture(Define()).StartAsync();
        var saga = await EndAsync(engine, new string('x', Large));
        var revisions = new List<long>();
        for (long? after = 0; after is not null; )
        {
            var page = (await engine.Sagas.HistoryAsync(saga, after.Value, 1_000, CancellationToken.None))!;
            Assert.InRange(page.Items.Sum(entry => entry.Data?.Utf8Json.Length ?? 0), 0, 2 * Large);
            revisions.AddRange(page.Items.Select(entry => entry.Revision));
            after = page.Next;
        }
        Assert.Equal(Enumerable.Range(1, revisions.Count).Select(number => (long)number), revisions);
        Assert.True(revisions.Count > 4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(1_000)]
    public async Task HistoryAsync_WhenEntriesAreSmall_GivesAsManyAsAskedFor(int limit)
    {
        await using var engine = await new EngineFixture(Define()).StartAsync();
        var saga = await EndAsync(engine, "x");
        var whole = (await engine.Sagas.HistoryAsync(saga, 0, 1_000, CancellationToken.None))!;
        Assert.Null(whole.Next);
        var page = (await engine.Sagas.HistoryAsync(saga, 0, limit, CancellationToken.None))!;
        Assert.Equal(Math.Min(limit, whole.Items.Count), page.Items.Count);
        Assert.Equal(whole.Items.Take(limit).Select(entry => entry.Revision), page.Items.Select(entry => entry.Revision));
    }

    [Fact]
    public async Task WatchAsync_WhenEntriesAreLarge_TellsAll()
    {
        await using var engine = await new EngineFixture(Define()).StartAsync();
        var saga = await EndAsync(engine, new string('x', Large));
        var told = await engine.Sagas.WatchAsync(saga, 0, CancellationToken.None).Select(entry => entry.Revision).ToListAsync();
        Assert.Equal(Enumerable.Range(1, told.Count).Select(number => (long)number), told);
        Assert.Equal((await engine.Sagas.GetAsync(saga, CancellationToken.None))!.Revision, told[^1]);
    }

    private static SagaDefinition Define()
    {
        var saga = Saga.Define<Notes>("notes");
        foreach (var name in (string[])["a", "b", "c", "d"])
            saga = saga.Step(name, step => step.Do((_, _) => Task.FromResult(1), (notes, one) => notes with { Count = notes.Count + one }));
        return saga.Build();
    }

    private static async Task<SagaKey> EndAsync(EngineFixture engine, string text)
    {
        var started = Assert.IsType<SagaResult.Accepted>(
            await engine.Sagas.StartAsync(
                new StartSaga
                {
                    Type = "notes",
                    Data = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { text, count = 0 }),
                    Wait = TimeSpan.FromSeconds(30),
                },
                CancellationToken.None
            )
        );
        Assert.Equal(SagaStatus.Completed, started.View.Status);
        return new SagaKey(started.View.Id);
    }
}
