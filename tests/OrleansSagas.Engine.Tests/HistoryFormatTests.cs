using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansSagas.Decisions;
using OrleansSagas.History;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

public sealed class HistoryFormatTests
{
    private static readonly SagaKey Key = new(new SagaId("golden"));
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private static readonly StepPath Path = StepPath.Root("a");
    private static readonly SagaError Error = new("TimeoutException", "quote \" and \u00e4");

    private static readonly SagaEvent[] All =
    [
        new SagaEvent.Started(
            Key,
            new PlanIdentity("job", 3, "0123"),
            new Payload("{\"name\":\"x\"}"u8.ToArray()),
            At.AddHours(1),
            "c",
            new SagaId("parent")
        ),
        new SagaEvent.Started(Key, new PlanIdentity("job", 3, "0123"), new Payload("{}"u8.ToArray(), Codec: "aes"), null, null, null),
        new SagaEvent.Started(
            Key,
            new PlanIdentity("job", 3, "0123"),
            new Payload("{}"u8.ToArray(), Codec: "aes", KeyId: "k1"),
            null,
            null,
            new SagaId("parent")
        )
        {
            RootId = new SagaId("root"),
            Headers = SagaHeaders.Of(new Dictionary<string, string> { ["tenant"] = "acme", ["A"] = "" }),
        },
        new SagaEvent.OwnershipTaken(new Incarnation(7)),
        new SagaEvent.StepSucceeded(Path, 2, new Payload("{}"u8.ToArray())),
        new SagaEvent.StepSucceeded(Path, 1, null),
        new SagaEvent.AttemptFailed(Path, StepDirection.Do, 1, Error, At),
        new SagaEvent.AttemptFailed(Path, StepDirection.Undo, 4, Error, At),
        new SagaEvent.StepInterrupted(Path, 2),
        new SagaEvent.StepFailed(Path, 3, StepPhase.Done, Error),
        new SagaEvent.StepFailed(Path, 3, StepPhase.NotDone, Error),
        new SagaEvent.StepFailed(Path, 3, StepPhase.Unknown, Error),
        new SagaEvent.CompensationStarted(SagaEndReason.Failed, Error, [], null),
        new SagaEvent.CompensationStarted(SagaEndReason.Cancelled, Error, [Path, StepPath.Root("b c")], At),
        new SagaEvent.CompensationStarted(SagaEndReason.Deadline, Error, [Path], At),
        new SagaEvent.SucceededLate(Path, 2),
        new SagaEvent.UndoSucceeded(Path, 1),
        new SagaEvent.UndoFailed(Path, 10, Error),
        new SagaEvent.UndoRetried(Path, "why"),
        new SagaEvent.UndoSkipped(Path, "why"),
        new SagaEvent.UndoResolved(Path, null),
        new SagaEvent.Paused("why"),
        new SagaEvent.Resumed(null),
        new SagaEvent.Ended(SagaStatus.Completed),
        new SagaEvent.Ended(SagaStatus.Compensated),
        new SagaEvent.Ended(SagaStatus.Failed),
        new SagaEvent.Ended(SagaStatus.Cancelled),
        new SagaEvent.Ended(SagaStatus.Terminated, "why"),
    ];

    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, All.Length)];

    private static StoredEntry Write(SagaEvent what, long revision = 1) =>
        SagaEventFormat.Write(what, revision, At, new CommitId(5), "eve", "k", "00-trace");

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Read_WhenAnEventWasWritten_IsThatEvent(int index)
    {
        var entry = Write(All[index]);
        Assert.Equal(All[index], SagaEventFormat.Read(Key, entry));
        Assert.Equal(("eve", "k", "00-trace", At, 1), (entry.Actor, entry.CausationId, entry.TraceParent, entry.At, entry.Format));
        Assert.True(Ascii.IsValid(entry.Name));
        Assert.DoesNotContain("OrleansSagas", Encoding.UTF8.GetString(entry.Body.Span));
    }

    [Fact]
    public void All_Always_HoldsEveryEvent() =>
        Assert.Equal(
            typeof(SagaEvent).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(SagaEvent))).Select(type => type.Name).Order(),
            All.Select(what => what.GetType().Name).Distinct().Order()
        );

    [Theory]
    [InlineData("step-succeeded-twice", 1, "{}")]
    [InlineData("step-succeeded", 2, "{\"step\":\"a\",\"attempt\":1}")]
    [InlineData("step-succeeded", 1, "{\"step\":\"a\",\"attempt\":1,\"new\":true}")]
    [InlineData("step-succeeded", 0, "{\"step\":\"a\",\"attempt\":1}")]
    [InlineData("step-succeeded", 1, "{\"step\":\"a\",\"attempt\":1,\"note\":\"of another\"}")]
    [InlineData("step-succeeded", 1, "{\"step\":null,\"attempt\":1}")]
    [InlineData("paused", 1, "{\"step\":\"a\"}")]
    [InlineData("undo-given-up", 1, "{\"step\":\"a\",\"attempt\":1,\"error\":\"e\",\"known\":\"done\"}")]
    [InlineData("step-succeeded", 1, "{\"step\":\"a\"}")]
    [InlineData("step-succeeded", 1, "{\"step\":\"a\",\"attempt\":\"1\"}")]
    [InlineData("step-succeeded", 1, "[]")]
    [InlineData("step-succeeded", 1, "{\"step\":")]
    [InlineData("step-succeeded", 1, "")]
    [InlineData("ended", 1, "{\"status\":\"vanished\"}")]
    [InlineData("ended", 1, "{\"status\":\"Completed\"}")]
    [InlineData("turned-back", 1, "{\"reason\":\"bored\",\"error\":\"e\"}")]
    [InlineData("step-given-up", 1, "{\"step\":\"a\",\"attempt\":1,\"known\":\"perhaps\",\"error\":\"e\"}")]
    [InlineData("attempt-failed", 1, "{\"step\":\"a\",\"attempt\":1,\"error\":\"e\",\"retryAt\":9223372036854775807}")]
    [InlineData("started", 1, "{\"type\":\"job\",\"version\":1,\"fingerprint\":\"f\"}")]
    public void Read_WhenAnEntryIsNotKnownOrDamaged_IsRefused(string name, int format, string body)
    {
        var entry = Write(new SagaEvent.Paused(null)) with { Name = name, Format = format, Body = Encoding.UTF8.GetBytes(body) };
        var exception = Assert.Throws<UnreadableHistoryException>(() => SagaEventFormat.Read(Key, entry));
        Assert.Contains("golden", exception.Message);
        Assert.Contains(name, exception.Message);
    }

    [Fact]
    public void Types_HaveOneRowForEachEventAndName()
    {
        Assert.Equal(
            typeof(SagaEvent).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(SagaEvent))).OrderBy(type => type.Name),
            EventTypes.All.Select(type => type.ClrType).OrderBy(type => type.Name)
        );
        Assert.Equal(EventTypes.All.Count, EventTypes.All.Select(type => type.Name).Distinct().Count());
    }

    [Theory]
    [InlineData(1, "{\"why\":\"it\"}")]
    [InlineData(2, "{\"reason\":\"it\"}")]
    [InlineData(3, "{\"note\":\"it\"}")]
    public void Read_WhenTheBodyHasAnEarlierFormat_IsThatOfToday(int format, string body)
    {
        var type = new EventType<SagaEvent.Paused, EventBodies.SagaNote>(
            "paused",
            was => new JsonObject { ["reason"] = was["why"]!.DeepClone() },
            was => new JsonObject { ["note"] = was["reason"]!.DeepClone() }
        )
        {
            Json = EventBodyContext.Default.SagaNote,
            Body = paused => new() { Note = paused.Note },
            Event = (note, _, _) => new(note.Note),
        };
        var entry = Write(new SagaEvent.Paused(null)) with { Format = format, Body = Encoding.UTF8.GetBytes(body) };

        Assert.Equal(3, type.Format);
        Assert.Equal(new SagaEvent.Paused("it"), type.Read(Key, entry));
        Assert.Equal("{\"note\":\"it\"}", Encoding.UTF8.GetString(type.WriteBody(new SagaEvent.Paused("it"))));
    }

    [Fact]
    public void Read_WhenTheBodyIsNull_IsRefused() =>
        Assert.Throws<UnreadableHistoryException>(() =>
            SagaEventFormat.Read(Key, Write(new SagaEvent.Paused(null)) with { Body = "null"u8.ToArray() })
        );

    [Fact]
    public void Fold_WhenAnEntryIsMissingOrOutOfPlace_IsRefused()
    {
        var (started, paused) = (All[0], new SagaEvent.Paused(null));
        Assert.Throws<UnreadableHistoryException>(() => SagaEventFormat.Fold(Key, null, []));
        Assert.Throws<UnreadableHistoryException>(() => SagaEventFormat.Fold(Key, null, [Write(paused)]));
        Assert.Throws<UnreadableHistoryException>(() => SagaEventFormat.Fold(Key, null, [Write(started), Write(paused, 3)]));
        Assert.Throws<UnreadableHistoryException>(() => SagaEventFormat.Fold(Key, null, [Write(started), Write(started, 2)]));
        Assert.True(SagaEventFormat.Fold(Key, null, [Write(started), Write(paused, 2)]).IsPaused);
    }

    [Fact]
    public async Task Load_WhenAHistoryCannotBeRead_ThatSagaIsHeldUntilAProgramCanReadIt()
    {
        var (service, gate) = (new TestService(), new Gate());
        var job = Jobs.Define().Step("a", step => step.Retry(Jobs.AtOnce(9)).Do((_, _) => gate.PassAsync())).Keyed("b", service).Build();
        await using var engine = await new EngineFixture(job) { Wrap = store => new FaultyStore(store) }.StartAsync();
        var sick = await engine.BeginAsync("job", new Job(), id: "sick");
        var well = await engine.BeginAsync("job", new Job(), id: "well");
        await gate.Entered;
        engine.Crash();
        gate.Open();
        await engine.StartAsync(store =>
            store.OnLoaded = saga =>
                saga.Key.Id != sick.Id ? saga : saga with { Entries = [.. saga.Entries.Select(entry => entry with { Name = "newer" })] }
        );
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(well.Id)).Status);
        await Wait.UntilAsync(() => engine.RowAsync(sick.Id).GetAwaiter().GetResult().Problem is not null, "the sick saga is held");
        var row = await engine.RowAsync(sick.Id);
        Assert.Contains("'newer' is not known here", row.Problem);
        var view = await engine.GetAsync(sick.Id);
        Assert.Equal((SagaStatus.Held, Incarnation.Dead, row.Problem), (view.Status, row.Owner, view.Error!.Message));
        var refused = Assert.IsType<SagaResult.Refused>(await engine.ActAsync(sick.Id, OperatorAction.Cancel));
        Assert.Equal((SagaRefusal.NotPossible, row.Problem), (refused.Refusal, refused.Detail));
        await engine.IdleAsync();
        Assert.Single((await engine.Sagas.ListAsync(new SagaQuery { Status = SagaStatus.Held }, CancellationToken.None)).Items);
        await engine.StopAsync();
        await engine.StartAsync();
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(sick.Id)).Status);
        Assert.Null((await engine.RowAsync(sick.Id)).Problem);
    }

    public static TheoryData<string> Golden =>
        [
            .. Directory
                .GetFiles(System.IO.Path.Combine(AppContext.BaseDirectory, "Golden"), "*.json")
                .Select(file => System.IO.Path.GetFileNameWithoutExtension(file)!),
        ];

    /// <summary>A history as a release wrote it: it still loads, and the saga goes on to its end.</summary>
    [Theory]
    [MemberData(nameof(Golden))]
    public async Task Load_WhenAReleaseWroteTheHistory_GoesOn(string name)
    {
        var golden = JsonNode.Parse(
            await File.ReadAllTextAsync(System.IO.Path.Combine(AppContext.BaseDirectory, "Golden", name + ".json"))
        )!;
        var entries = golden["entries"]!
            .AsArray()
            .Select(
                (entry, index) =>
                    new StoredEntry
                    {
                        Revision = index + 1,
                        Name = (string)entry!["name"]!,
                        Format = (int)entry["format"]!,
                        At = DateTimeOffset.FromUnixTimeMilliseconds((long)entry["at"]!),
                        Commit = new CommitId(1),
                        Actor = (string?)entry["actor"],
                        Body = Encoding.UTF8.GetBytes(entry["body"]!.ToJsonString()),
                        Data = entry["data"] is { } data ? new Payload(Encoding.UTF8.GetBytes(data.ToJsonString())) : null,
                    }
            )
            .ToArray();
        var service = new TestService();
        var time = new ManualTime();
        var definition = Jobs.Define().Keyed("a", service).Keyed("b", service).Build();
        await using var engine = await new EngineFixture(definition) { Time = time }.StartAsync();
        var state = SagaEventFormat.Fold(Key, null, entries);
        Assert.Equal((string)golden["status"]!, state.Status.ToString());
        var committed = await engine.Store.CommitAsync(
            new SagaCommit
            {
                Id = new CommitId(1),
                At = time.GetUtcNow(),
                Saga = Key,
                ExpectedRevision = 0,
                Entries = entries,
                NewSaga = state.Identity,
                Row = new SagaRow
                {
                    Status = state.Status,
                    Reason = state.Reason,
                    Owner = state.Ended is null ? new Incarnation(999) : null,
                    EndedAt = state.Ended is null ? null : state.UpdatedAt,
                },
            },
            CancellationToken.None
        );
        Assert.Equal(CommitOutcome.Committed, committed.Outcome);
        if (golden["verb"] is { } verb)
            Assert.IsType<SagaResult.Accepted>(await engine.ActAsync(Key.Id, Enum.Parse<OperatorAction>((string)verb!), "golden"));
        var end = engine.EndAsync(Key.Id);
        await time.RunUntilAsync(end, TimeSpan.FromMilliseconds(200));
        Assert.Equal((string)golden["ends"]!, (await end).Status.ToString());
        Assert.Equal(golden["calls"]!.AsArray().Select(call => (string)call!), service.Calls);
        var history = await engine.Sagas.HistoryAsync(Key, 0, 1_000, CancellationToken.None);
        Assert.Equal(entries.Select(entry => entry.Name), history!.Items.Take(entries.Length).Select(entry => entry.Event));
    }

    [Fact]
    public void Golden_Always_HoldsEveryKindOfEntry()
    {
        var names = Golden.SelectMany(file =>
            JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "Golden", file.Data + ".json")))!["entries"]!
                .AsArray()
                .Select(entry => (string)entry!["name"]!)
        );
        Assert.Equal(All.Select(SagaEventFormat.NameOf).Distinct().Order(), names.Distinct().Order());
    }
}
