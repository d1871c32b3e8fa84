using Microsoft.Extensions.Time.Testing;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Commits;

/// <summary>What a group commit measures: on its own clock, each commit and each batch once.</summary>
public sealed class CommitInstrumentsTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly StepwiseWriter _writer = new() { TurnsOver = true };
    private readonly MeterRecording _meters = new();
    private readonly GroupCommit _group;

    public CommitInstrumentsTests() =>
        _group = new GroupCommit(new SagaRuntime(TaskScheduler.Default, _time, new TestIds()), [_writer], maxBatch: 8, _meters);

    public async ValueTask DisposeAsync()
    {
        _writer.FinishAll();
        await _group.DisposeAsync().AsTask().For("the group commit to end");
        _meters.Dispose();
    }

    [Fact]
    public async Task Commit_IsMeasuredFromWhenItIsHandedIn_AndItsBatchFromWhenItIsTaken()
    {
        var first = CommitAsync(0);
        await _writer.NextBatchAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        var others = new[] { CommitAsync(1), CommitAsync(2) };
        Assert.Equal(2, _meters.Gauge("orleanssagas.commit.queue.size"));
        _time.Advance(TimeSpan.FromSeconds(2));
        _writer.Finish();
        await first.For("the first");
        await _writer.NextBatchAsync();
        Assert.Equal(0, _meters.Gauge("orleanssagas.commit.queue.size"));
        _time.Advance(TimeSpan.FromSeconds(4));
        _writer.Finish(except: 1);
        await Task.WhenAll(others).For("the others");

        Assert.Equal([3, 6, 6], _meters.Values("orleanssagas.commit.duration"));
        Assert.Equal([3, 4], _meters.Values("orleanssagas.commit.batch.duration"));
        Assert.Equal([1, 2], _meters.Values("orleanssagas.commit.batch.size"));
        Assert.Equal(
            [
                "orleanssagas.commit.duration outcome=committed",
                "orleanssagas.commit.duration outcome=committed",
                "orleanssagas.commit.duration outcome=unknown",
            ],
            _meters.Counted("orleanssagas.commit.duration")
        );
    }

    [Fact]
    public async Task Queue_OnceTheGroupHasEnded_ShowsNothing()
    {
        Assert.Equal(0, _meters.Gauge("orleanssagas.commit.queue.size"));
        await _group.DisposeAsync();
        Assert.Null(_meters.Gauge("orleanssagas.commit.queue.size"));
    }

    private Task<CommitResult> CommitAsync(long id) =>
        _group
            .CommitAsync(
                new SagaCommit
                {
                    Id = new CommitId(id),
                    At = default,
                    Saga = new SagaKey(new SagaId("a")),
                    Number = 1,
                    ExpectedRevision = 1,
                },
                default
            )
            .AsTask();
}
