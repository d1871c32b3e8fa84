using System.Text;
using OrleansSagas.Decisions;
using OrleansSagas.History;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Engine.Tests;

public sealed class SnapshotTests
{
    private sealed record Errand(string Name);

    private static SagaDefinition Definition(Func<bool> works) =>
        Saga.Define<Errand>("errand")
            .Step(
                "first",
                step =>
                    step.Do((_, _) => Task.CompletedTask)
                        .Undo((_, _) => works() ? Task.CompletedTask : throw new StepRejectedException("Not yet."))
            )
            .Step("second", step => step.Do((_, _) => throw new StepRejectedException("Never.")))
            .Build();

    [Fact]
    public async Task LongSaga_ThatIsLetGo_LeavesASnapshotAndGoesOnFromIt()
    {
        var works = false;
        await using var engine = await new EngineFixture(Definition(() => works)).StartAsync();
        var saga = new SagaKey((await engine.BeginAsync("errand", new Errand("a"))).Id);
        StoredSaga? stored = null;
        for (var i = 0; i < 80 && stored?.Row.SnapshotRevision is null or 0; i++)
        {
            _ = await engine.BecomesAsync(saga.Id, view => view.Status == SagaStatus.Stuck);
            _ = await engine.ActAsync(saga.Id, OperatorAction.Retry, "again");
            stored = await engine.Store.LoadAsync(saga, CancellationToken.None);
        }

        Assert.NotNull(stored);
        Assert.True(stored.Row.SnapshotRevision >= SagaSnapshot.Every, "Waited for a snapshot.");
        var whole = await engine.Store.ReadHistoryAsync(saga, 0, 1_000, CancellationToken.None);
        var upTo = whole!.Where(entry => entry.Revision <= stored.Entries[^1].Revision).ToList();
        Assert.Equal(SagaEventFormat.Fold(saga, null, upTo), await SagaSnapshot.FoldAsync(engine.Store, stored, CancellationToken.None));

        var damaged = stored with { Row = stored.Row with { Snapshot = "{}"u8.ToArray() } };
        var folded = await SagaSnapshot.FoldAsync(engine.Store, damaged, CancellationToken.None);
        Assert.True(folded.Revision >= stored.Entries[^1].Revision);

        works = true;
        _ = await engine.ActAsync(saga.Id, OperatorAction.Retry, "now it works");
        Assert.Equal(SagaStatus.Compensated, (await engine.EndAsync(saga.Id)).Status);
    }

    [Fact]
    public async Task Snapshot_OfAStepThatIsRetried_IsRead()
    {
        var key = new SagaKey(new SagaId("long"));
        var plan = Definition(() => true).Plan;
        var now = DateTimeOffset.UnixEpoch;
        var state = (
            (Decision.Accepted)SagaDecider.Decide(plan, null, new SagaCommand.Start(key, new Payload("{}"u8.ToArray())), now)
        ).Next;
        var failed = new SagaCommand.Answer(plan.Steps[0].Path, StepDirection.Do, 1, 1, new StepOutcome.Failed(new SagaError("X", "x")));
        state = ((Decision.Accepted)SagaDecider.Decide(plan, state, failed, now)).Next;
        Assert.Equal(StepPhase.Open, state.Steps[0].Phase);

        var row = new SagaRow
        {
            Status = SagaStatus.Running,
            Snapshot = SagaSnapshot.Write(state),
            SnapshotRevision = state.Revision,
        };

        // There is no store to fall back on.
        Assert.Equal(state, await SagaSnapshot.FoldAsync(null!, new StoredSaga(key, 1, state.Identity, row, []), CancellationToken.None));
    }

    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    /// <summary>All that a state can say.</summary>
    private static SagaState Full(StepPhase phase = StepPhase.UndoFailed) =>
        new()
        {
            Key = new SagaKey(new SagaId("full")),
            Identity = new SagaIdentity
            {
                Type = "job",
                Version = 3,
                Fingerprint = "0123",
                StartedAt = At,
                CorrelationId = "c",
                ParentId = new SagaId("parent"),
                RootId = new SagaId("root"),
            },
            Revision = 70,
            Data = new Payload("{}"u8.ToArray(), "text/json", "aes", "k1"),
            UpdatedAt = At.AddSeconds(1),
            DeadlineAt = At.AddHours(1),
            Headers = SagaHeaders.Of(new Dictionary<string, string> { ["tenant"] = "acme" }),
            Direction = SagaDirection.Compensating,
            Reason = SagaEndReason.Cancelled,
            Error = new SagaError("cancelled", "why"),
            LateAnswerDeadline = At.AddSeconds(2),
            IsPaused = true,
            IsQuiescent = true,
            Steps =
            [
                new StepState
                {
                    Path = StepPath.Root("a"),
                    Phase = phase,
                    Run = 2,
                    Attempt = 3,
                    DueAt = At.AddSeconds(3),
                    Uncertain = true,
                    Error = new SagaError("E", "e"),
                    EndedAt = At.AddSeconds(4),
                    UndoRun = 5,
                    UndoAttempt = 6,
                    UndoAttemptsReset = 7,
                    UndoAgain = true,
                    UndoError = new SagaError("U", "u"),
                    Note = "note",
                },
            ],
        };

    private static StoredSaga Stored(byte[] snapshot) =>
        new(
            Full().Key,
            1,
            Full().Identity,
            new SagaRow
            {
                Status = SagaStatus.Stuck,
                Snapshot = snapshot,
                SnapshotRevision = 70,
            },
            []
        );

    /// <summary>These names are in the databases of releases: what is renamed in the code is not renamed here.</summary>
    [Fact]
    public void Snapshot_Always_HasItsOwnNames() =>
        Assert.Equal(
            "{\"format\":2,\"revision\":70,\"type\":\"job\",\"version\":3,\"fingerprint\":\"0123\","
                + "\"startedAt\":\"2026-01-02T03:04:05.678+00:00\",\"correlationId\":\"c\",\"parentId\":\"parent\","
                + "\"rootId\":\"root\",\"headers\":{\"tenant\":\"acme\"},\"data\":\"e30=\",\"dataType\":\"text/json\","
                + "\"dataCodec\":\"aes\",\"dataKeyId\":\"k1\",\"updatedAt\":\"2026-01-02T03:04:06.678+00:00\","
                + "\"deadlineAt\":\"2026-01-02T04:04:05.678+00:00\",\"direction\":\"back\",\"reason\":\"cancelled\","
                + "\"error\":\"cancelled\",\"message\":\"why\",\"graceUntil\":\"2026-01-02T03:04:07.678+00:00\",\"paused\":true,"
                + "\"idle\":true,\"steps\":[{\"step\":\"a\",\"phase\":\"undo-failed\",\"run\":2,\"attempt\":3,"
                + "\"dueAt\":\"2026-01-02T03:04:08.678+00:00\",\"uncertain\":true,\"error\":\"E\",\"message\":\"e\","
                + "\"endedAt\":\"2026-01-02T03:04:09.678+00:00\",\"undoRun\":5,\"undoAttempt\":6,\"undoForgiven\":7,"
                + "\"undoAgain\":true,\"undoError\":\"U\",\"undoMessage\":\"u\",\"note\":\"note\"}]}",
            Encoding.UTF8.GetString(SagaSnapshot.Write(Full()))
        );

    public static TheoryData<string> Phases => [.. Enum.GetNames<StepPhase>()];

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task Snapshot_OfAnyPhase_IsRead(string phase)
    {
        var state = Full(Enum.Parse<StepPhase>(phase));
        Assert.Equal(state, await SagaSnapshot.FoldAsync(null!, Stored(SagaSnapshot.Write(state)), CancellationToken.None));
    }

    public static TheoryData<SagaEndReason?> Reasons =>
        [.. new SagaEndReason?[] { null }, .. Enum.GetValues<SagaEndReason>().Select(reason => (SagaEndReason?)reason)];

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task Snapshot_OfAnyReasonAndDirection_IsRead(SagaEndReason? reason)
    {
        foreach (var direction in Enum.GetValues<SagaDirection>())
        {
            var state = Full() with { Reason = reason, Direction = direction };
            Assert.Equal(state, await SagaSnapshot.FoldAsync(null!, Stored(SagaSnapshot.Write(state)), CancellationToken.None));
        }
    }

    /// <summary>What is not known leaves the snapshot aside, and the history is read: it never means something else here.</summary>
    [Theory]
    [InlineData("\"format\":2", "\"format\":1")]
    [InlineData("\"format\":2", "\"format\":3")]
    [InlineData("\"revision\":70", "\"revision\":69")]
    [InlineData("\"paused\":true", "\"paused\":true,\"waits\":true")]
    [InlineData("\"run\":2", "\"run\":2,\"pass\":1")]
    [InlineData("undo-failed", "undo-refused")]
    [InlineData("\"direction\":\"back\"", "\"direction\":\"sideways\"")]
    [InlineData("\"reason\":\"cancelled\"", "\"reason\":\"bored\"")]
    [InlineData("\"phase\"", "\"state\"")]
    [InlineData("\"rootId\":\"root\"", "\"rootId\":\"not an id\"")]
    public async Task Snapshot_ThatSaysWhatIsNotKnown_IsLeftAside(string old, string now)
    {
        var text = Encoding.UTF8.GetString(SagaSnapshot.Write(Full()));
        Assert.Contains(old, text, StringComparison.Ordinal);
        await using var engine = await new EngineFixture(Definition(() => true)).StartAsync();

        // The store has no such saga: whoever reads the history finds that out.
        await Assert.ThrowsAsync<UnreadableHistoryException>(async () =>
            await SagaSnapshot.FoldAsync(
                engine.Store,
                Stored(Encoding.UTF8.GetBytes(text.Replace(old, now, StringComparison.Ordinal))),
                CancellationToken.None
            )
        );
    }
}
