using OrleansSagas.Deciding;
using OrleansSagas.History;
using OrleansSagas.Payloads;
using OrleansSagas.Planning;
using OrleansSagas.Storing;

namespace OrleansSagas.Tests;

public sealed class SnapshotTests
{
    private sealed record Errand(string Name);

    private static SagaDefinition Definition(Func<bool> works) => Saga.Define<Errand>("errand")
        .Step("first", step => step.Do((_, _) => Task.CompletedTask).Undo((_, _) => works() ? Task.CompletedTask : throw new StepRejectedException("Not yet.")))
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
            _ = await engine.ActAsync(saga.Id, SagaVerb.Retry, "again");
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
        _ = await engine.ActAsync(saga.Id, SagaVerb.Retry, "now it works");
        Assert.Equal(SagaStatus.Compensated, (await engine.EndAsync(saga.Id)).Status);
    }

    [Fact]
    public async Task Snapshot_OfAStepThatIsRetried_IsRead()
    {
        var key = new SagaKey(new SagaId("long"));
        var plan = Definition(() => true).Plan;
        var now = DateTimeOffset.UnixEpoch;
        var state = ((Decision.Happened)SagaDecider.Decide(plan, null, new SagaInput.Start(key, new Payload("{}"u8.ToArray())), now)).Next;
        var failed = new SagaInput.Answer(plan.Steps[0].Path, StepDirection.Do, 1, 1, new StepOutcome.Failed(new SagaError("X", "x")));
        state = ((Decision.Happened)SagaDecider.Decide(plan, state, failed, now)).Next;
        Assert.Equal(StepPhase.Open, state.Steps[0].Phase);

        var row = new SagaRow { Status = SagaStatus.Running, Snapshot = SagaSnapshot.Write(state), SnapshotRevision = state.Revision };

        // There is no store to fall back on.
        Assert.Equal(state, await SagaSnapshot.FoldAsync(null!, new StoredSaga(key, 1, state.Identity, row, []), CancellationToken.None));
    }
}
