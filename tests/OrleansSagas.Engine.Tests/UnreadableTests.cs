using OrleansSagas.Storage;

namespace OrleansSagas.Engine.Tests;

/// <summary>
/// Sagas whose history holds an entry that this program does not know: they stop nobody, are visible, and can be terminated and nothing
/// else.
/// </summary>
public sealed class UnreadableTests
{
    private readonly TestService _service = new();
    private readonly Gate _gate = new();

    private SagaDefinition Job() => Jobs.Define().Step("a", step => step.Do((_, _) => _gate.PassAsync())).Keyed("b", _service).Build();

    private SagaDefinition Other() => Jobs.Define("other").Keyed("a", _service).Build();

    /// <summary>An engine with a paused saga that nobody holds, to which a newer program has written an entry.</summary>
    private async Task<(EngineFixture Engine, SagaId Saga)> UnreadableAsync(int entries = 1)
    {
        var engine = await new EngineFixture(Job(), Other()).StartAsync();
        var saga = await engine.BeginAsync("job", new Job());
        await _gate.Entered;
        await engine.ActAsync(saga.Id, OperatorAction.Pause);
        _gate.Open();
        await engine.BecomesAsync(saga.Id, view => view.Steps[0].Status == StepStatus.Succeeded);
        await engine.IdleAsync();
        await WriteUnknownAsync(engine.Store, new SagaKey(saga.Id), entries);
        return (engine, saga.Id);
    }

    /// <summary>Adds entries to a saga that no program here knows.</summary>
    internal static async Task WriteUnknownAsync(ISagaStore store, SagaKey saga, int entries = 1)
    {
        var stored = (await store.LoadAsync(saga, CancellationToken.None))!;
        var last = stored.Entries[^1];
        var commit = SagaRuntime.System.Ids.NewCommitId();
        var result = await store.CommitAsync(
            new SagaCommit
            {
                Id = commit,
                At = last.At,
                Saga = stored.Key,
                Number = stored.Number,
                ExpectedRevision = last.Revision,
                Entries =
                [
                    .. Enumerable
                        .Range(1, entries)
                        .Select(i => last with { Revision = last.Revision + i, Name = "of-tomorrow", Commit = commit, Data = null }),
                ],
            },
            CancellationToken.None
        );
        Assert.Equal(CommitOutcome.Committed, result.Outcome);
    }

    [Fact]
    public async Task Act_WhenTheHistoryCannotBeRead_IsRefusedInWordsAndTheSagaIsHeld()
    {
        var (engine, saga) = await UnreadableAsync();
        await using var _ = engine;
        var refused = Assert.IsType<SagaResult.Refused>(await engine.ActAsync(saga, OperatorAction.Resume));
        Assert.Equal(SagaRefusal.NotPossible, refused.Refusal);
        Assert.Contains("'of-tomorrow' is not known here", refused.Detail);
        Assert.Contains("can only be terminated", refused.Detail);
        var row = await engine.RowAsync(saga);
        Assert.Equal((SagaStatus.Held, refused.Detail), (row.Status, row.Problem));
        var view = await engine.GetAsync(saga);
        Assert.Equal((SagaStatus.Held, "unreadable", refused.Detail), (view.Status, view.Error!.Type, view.Error.Message));
        Assert.Equal(SagaStatus.Completed, (await engine.RunAsync("other", new Job())).Status);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 100)]
    [InlineData(false, 100)]
    public async Task Terminate_WhenTheHistoryCannotBeRead_EndsTheSaga(bool isDefined, int entries)
    {
        var (engine, saga) = await UnreadableAsync(entries);
        await using var _ = engine;
        if (!isDefined)
        {
            await engine.StopAsync();
            await engine.StartAsync(Other());
        }

        var terminated = Assert.IsType<SagaResult.Accepted>(
            await engine.ActAsync(saga, OperatorAction.Terminate, "it is of no use", requestId: "t")
        );
        Assert.Equal(SagaStatus.Terminated, terminated.View.Status);
        var row = await engine.RowAsync(saga);
        Assert.Equal((SagaStatus.Terminated, null, null, null), (row.Status, row.Problem, row.Owner, row.WakeAt));
        Assert.NotNull(row.EndedAt);
        string[] events = ["started", "paused", "step-succeeded", .. Enumerable.Repeat("of-tomorrow", entries), "ended"];
        Assert.Equal(events, await engine.EventsAsync(saga));

        Assert.Equal(
            SagaStatus.Terminated,
            Assert
                .IsType<SagaResult.Accepted>(await engine.ActAsync(saga, OperatorAction.Terminate, "it is of no use", requestId: "t"))
                .View.Status
        );
        Assert.Contains(
            "has ended as Terminated",
            Assert.IsType<SagaResult.Refused>(await engine.ActAsync(saga, OperatorAction.Terminate)).Detail
        );

        // What nobody has read leaves no snapshot: a newer program reads all of it.
        var now = await engine.RowAsync(saga);
        Assert.Equal((0L, row.EndedAt), (now.SnapshotRevision, now.EndedAt));
        var view = await engine.GetAsync(saga);
        Assert.Equal((SagaStatus.Terminated, "unreadable"), (view.Status, view.Error!.Type));
        Assert.Equal(4 + entries, (await engine.EventsAsync(saga)).Length);
    }
}
