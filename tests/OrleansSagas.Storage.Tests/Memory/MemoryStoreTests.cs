using OrleansSagas.Storage;
using OrleansSagas.Storage.Tests.Conformance;
using OrleansSagas.Testing;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Memory;

/// <summary>What a store in memory adds: lives that crash over a disk that stays, and faults.</summary>
public sealed class MemoryStoreTests : SagaStoreFixture
{
    private readonly MemoryTables _disk = new();
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _outage;
    private bool _diesBefore;
    private bool _diesAfter;
    private MemoryStoreFault _fault;

    private protected override ISagaStore CreateStore(SagaRuntime runtime) =>
        new MemorySagaStore(
            _disk,
            runtime,
            new MemoryStoreHooks
            {
                Outage = () => _outage is null ? null : new StoreException(_outage),
                DiesBefore = _ => Dies(_diesBefore),
                DiesAfter = _ => Dies(_diesAfter),
                FaultOf = _ => _fault,
            }
        );

    protected override ValueTask RemovePlaceAsync() => default;

    [Fact]
    public async Task NextLife_WhenTheOneBeforeCrashed_FindsWhatWasWrittenAndNotWhatWaited()
    {
        await CommittedAsync(Start(Key("written"), Running with { Owner = Opened.Incarnation }));
        HoldBatches();
        _ = CommitAsync(Start(Key("waiting")));
        var crashed = Opened.Incarnation;
        ((MemorySagaStore)Store).Crash();

        var next = new MemorySagaStore(_disk, SagaRuntime.System);
        var opened = await next.OpenAsync([OrderPlan], default);

        Assert.True(opened.Incarnation.Value > crashed.Value);
        Assert.Equal(
            ["written"],
            (await next.FindOrphansAsync(SagaPartition.All, [opened.Incarnation], null, 10, default)).Select(due => due.Key.Id.Value)
        );
        Assert.Null(await next.LoadAsync(Key("waiting"), default));
        await next.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Commit_WhenTheProcessDiesOverIt_IsNeverAnswered(bool before)
    {
        (_diesBefore, _diesAfter) = (before, !before);
        var first = CommitAsync(Start(Key("a")));
        await _died.Task.For("the process to die");
        Assert.False(first.IsCompleted);
        (_diesBefore, _diesAfter) = (false, false);

        var next = CreateStore(SagaRuntime.System);
        await next.OpenAsync([OrderPlan], default);
        Assert.Equal(before, await next.LoadAsync(Key("a"), default) is null);
        await next.DisposeAsync();
        Store = next; // the dead one never ends
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Commit_WhenNobodyIsTold_IsUnknownAndLoadTellsTheTruth(bool written)
    {
        _fault = written ? MemoryStoreFault.UnknownWritten : MemoryStoreFault.UnknownNotWritten;

        Assert.Equal(CommitOutcome.Unknown, (await CommitAsync(Start(Key("a")))).Outcome);

        Assert.Equal(written, await Store.LoadAsync(Key("a"), default) is not null);
    }

    [Fact]
    public async Task Store_WhenItCannotBeReached_WritesNothingAndReadsNothing()
    {
        _outage = "The cable is cut.";

        var result = await CommitAsync(Start(Key("a")));

        Assert.Equal((CommitOutcome.NotCommitted, _outage), (result.Outcome, result.Error?.Message));
        Assert.Equal(_outage, Store.Health.Problem);
        await Assert.ThrowsAsync<StoreException>(() => Store.LoadAsync(Key("a"), default));
        _outage = null;
        Assert.Null(await Store.LoadAsync(Key("a"), default));
    }

    private bool Dies(bool now)
    {
        if (now)
            _died.TrySetResult();
        return now;
    }
}
