using OrleansSagas.Payloads;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Tests.Conformance;

public abstract partial class SagaStoreConformance
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(1_048_576)]
    public async Task Load_WhenPayloadsHaveAnySize_ReturnsEveryByte(int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
            bytes[i] = (byte)(i * 31);
        var commit = Start(Key("a"));
        var entry = Entry(commit.Id, 1, "Started", body: bytes, data: new Payload(bytes, "application/octet-stream", "aes-1"));
        await CommittedAsync(
            new SagaCommit
            {
                Id = commit.Id,
                At = Noon,
                Saga = commit.Saga,
                ExpectedRevision = 0,
                NewSaga = commit.NewSaga,
                Row = commit.Row,
                Entries = [entry],
            }
        );

        var loaded = Assert.Single((await LoadedAsync(Key("a"))).Entries);
        Assert.True(loaded.Body.Span.SequenceEqual(bytes));
        Assert.Equal(entry.Data, loaded.Data);
    }

    [Fact]
    public async Task Load_WhenDataIsAbsentOrPlain_TellsThemApart()
    {
        var number = await CommittedAsync(Start(Key("a"), data: new Payload(Utf8("{}"))));
        await CommittedAsync(Next(Key("a"), number, 1));

        var entries = (await LoadedAsync(Key("a"))).Entries;
        Assert.Equal(new Payload(Utf8("{}"), Payload.Json, Payload.Identity), entries[0].Data);
        Assert.Null(entries[1].Data);
    }

    [Fact]
    public async Task Load_WhenEntryHasEveryField_ReturnsThem()
    {
        var number = await CommittedAsync(Start(Key("a")));
        var id = new CommitId(long.MinValue);
        var entry = Entry(id, 2, "Signal") with
        {
            Format = 7,
            At = Noon.AddMilliseconds(1),
            Actor = "operator:änne",
            CausationId = new string('x', 255),
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
        await CommittedAsync(
            new SagaCommit
            {
                Id = id,
                At = Noon,
                Saga = Key("a"),
                Number = number,
                ExpectedRevision = 1,
                Entries = [entry],
            }
        );

        var loaded = (await LoadedAsync(Key("a"))).Entries[1];
        Assert.Equal(entry with { Body = loaded.Body }, loaded);
    }

    [Fact]
    public async Task Load_WhenAPayloadWasMadeWithAKey_SaysWhichEachTime()
    {
        var (first, second) = (new Payload(Utf8("x"), Payload.Json, "aes", "key-1"), new Payload(Utf8("y"), Payload.Json, "aes"));
        var number = await CommittedAsync(Start(Key("a"), data: first));
        var next = Next(Key("a"), number, 1);
        await CommittedAsync(
            new SagaCommit
            {
                Id = next.Id,
                At = Noon,
                Saga = next.Saga,
                Number = number,
                ExpectedRevision = 1,
                Entries = [next.Entries[0] with { Data = second }],
            }
        );

        Assert.Equal([first, second], (await LoadedAsync(Key("a"))).Entries.Select(entry => entry.Data));
        Assert.Equal([first, second], (await Store.ReadHistoryAsync(Key("a"), 0, 10, default))!.Select(entry => entry.Data));
    }

    [Fact]
    public async Task Load_WhenASagaBelongsToATree_SaysItsParentAndRoot()
    {
        var start = Start(Key("leaf"));
        var identity = start.NewSaga! with { ParentId = new SagaId("branch"), RootId = new SagaId("root") };
        await CommittedAsync(
            new SagaCommit
            {
                Id = start.Id,
                At = Noon,
                Saga = start.Saga,
                ExpectedRevision = 0,
                NewSaga = identity,
                Row = start.Row,
                Entries = start.Entries,
            }
        );
        await CommittedAsync(Start(Key("root")));

        Assert.Equal(identity, (await LoadedAsync(Key("leaf"))).Identity);
        Assert.Null((await LoadedAsync(Key("root"))).Identity.RootId);
        Assert.Equal(identity, (await Store.ListAsync(new SagaQuery(), default)).Items.Single(saga => saga.Key == Key("leaf")).Identity);
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("\u001A0000")]
    [InlineData("\uFEFF \U0001F600 \uFFFD ' \" \\ {}")]
    public async Task Load_WhenTextIsOdd_ReturnsItAsItWas(string text)
    {
        var row = Running with { Problem = text, Tags = [new(text, text)] };
        var number = await CommittedAsync(Start(Key("a"), row, Request(text, "a", caller: text), correlation: text));
        await CommittedAsync(Next(Key("a"), number, 1, row: row with { Tags = [new(text, text), new(text + "2", text)] }));

        var saga = await LoadedAsync(Key("a"));
        Assert.Equal(text, saga.Row.Problem);
        Assert.Equal([new(text, text), new(text + "2", text)], saga.Row.Tags);
        Assert.Equal(["a"], await ListIdsAsync(new SagaQuery { CorrelationId = text }));
        Assert.Equal(["a"], await ListIdsAsync(new SagaQuery { Tags = [new(text, text), new(text + "2", text)] }));
        Assert.Equal(text, (await Store.FindRequestAsync(RequestKeyOf(text, caller: text), Noon, default))!.Key.Key);
        await CommittedAsync(Next(Key("a"), number, 2, row: Running));
        Assert.Empty(await ListIdsAsync(new SagaQuery { Tags = [new(text, text)] }));
    }

    [Fact]
    public async Task Load_WhenThereIsASnapshot_ReturnsOnlyTheEntriesAfterIt()
    {
        var number = await CommittedAsync(Start(Key("a")));
        await CommittedAsync(Next(Key("a"), number, 1, entries: 3, row: Running with { Snapshot = Utf8("state"), SnapshotRevision = 3 }));

        var saga = await LoadedAsync(Key("a"));
        Assert.Equal([4], saga.Entries.Select(e => e.Revision));
        Assert.Equal(3, saga.Row.SnapshotRevision);
        Assert.True(saga.Row.Snapshot!.Value.Span.SequenceEqual(Utf8("state").Span));
        Assert.Equal(4, (await Store.ReadHistoryAsync(Key("a"), 0, 100, default))!.Count);
    }

    [Fact]
    public async Task Load_WhenThereIsNone_ReturnsNull() => Assert.Null(await Store.LoadAsync(Key("a"), default));

    [Fact]
    public async Task ReadHistory_WhenPaged_GoesOnAfterTheRevision()
    {
        var number = await CommittedAsync(Start(Key("a")));
        await CommittedAsync(Next(Key("a"), number, 1, entries: 6));

        Assert.Equal([1, 2, 3], (await Store.ReadHistoryAsync(Key("a"), 0, 3, default))!.Select(e => e.Revision));
        Assert.Equal([4, 5, 6], (await Store.ReadHistoryAsync(Key("a"), 3, 3, default))!.Select(e => e.Revision));
        Assert.Equal([7], (await Store.ReadHistoryAsync(Key("a"), 6, 3, default))!.Select(e => e.Revision));
        Assert.Empty((await Store.ReadHistoryAsync(Key("a"), 7, 3, default))!);
        Assert.Null(await Store.ReadHistoryAsync(Key("b"), 0, 3, default));
    }

    [Fact]
    public async Task Load_WhenIdsDifferInCaseOrNamespace_TellsThemApart()
    {
        string[] ids = ["order", "Order", "ORDER", "order.", "order-", "order_"];
        foreach (var id in ids)
            await CommittedAsync(Start(Key(id), correlation: id));
        await CommittedAsync(Start(Key("order", "other"), correlation: "other"));
        await CommittedAsync(Start(Key("order", "Default"), correlation: "Default"));

        foreach (var id in ids)
            Assert.Equal(id, (await LoadedAsync(Key(id))).Identity.CorrelationId);
        Assert.Equal("other", (await LoadedAsync(Key("order", "other"))).Identity.CorrelationId);
        Assert.Equal("Default", (await LoadedAsync(Key("order", "Default"))).Identity.CorrelationId);
        Assert.Null(await Store.LoadAsync(Key("ordeR"), default));
    }

    [Fact]
    public async Task Open_WhenStoreWasClosed_KeepsEverything()
    {
        var number = await CommittedAsync(
            Start(
                Key("a"),
                new SagaRow
                {
                    Status = SagaStatus.Waiting,
                    WakeAt = Noon,
                    Tags = [new("k", "v")],
                },
                Request("r", "a")
            )
        );
        await CommittedAsync(Next(Key("a"), number, 1));
        var before = await LoadedAsync(Key("a"));

        await ReopenAsync();

        var after = await LoadedAsync(Key("a"));
        Assert.Equal(
            before.Entries.Select(e => (e.Revision, e.Name, e.At, e.Commit)),
            after.Entries.Select(e => (e.Revision, e.Name, e.At, e.Commit))
        );
        Assert.Equal(before.Row with { Tags = after.Row.Tags }, after.Row);
        Assert.Equal(before.Row.Tags, after.Row.Tags);
        Assert.Equal("a", (await Store.FindRequestAsync(RequestKeyOf("r"), Noon, default))!.Saga.Value);
        Assert.Equal(CommitOutcome.Committed, (await CommitAsync(Next(Key("a"), number, 2))).Outcome);
    }
}
