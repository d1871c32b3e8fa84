using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Commits;

public sealed class GroupCommitTests : IAsyncDisposable
{
    private readonly HeldScheduler _scheduler = new();
    private readonly StepwiseWriter _writer = new();
    private readonly GroupCommit _group;

    public GroupCommitTests() =>
        _group = new GroupCommit(new SagaRuntime(_scheduler, TimeProvider.System, new TestIds()), [_writer], maxBatch: 8);

    public async ValueTask DisposeAsync()
    {
        _scheduler.Release();
        _writer.FinishAll();
        await _group.DisposeAsync().AsTask().For("the group commit to end");
    }

    [Fact]
    public async Task Commit_WhenABatchIsInFlight_AllThatWaitGoTogetherIntoTheNext()
    {
        var first = CommitAsync(0);
        Assert.Equal([0], await _writer.NextBatchAsync());
        var waiting = Enumerable.Range(1, 5).Select(i => CommitAsync(i)).ToArray();
        Assert.All(waiting, t => Assert.False(t.IsCompleted));

        _writer.Finish();
        Assert.Equal(0, (await first.For("the first")).Number);
        Assert.Equal([1, 2, 3, 4, 5], await _writer.NextBatchAsync());
        _writer.Finish();

        Assert.Equal([1, 2, 3, 4, 5], (await Task.WhenAll(waiting).For("the others")).Select(r => r.Number));
    }

    [Fact]
    public async Task Commit_WhenMoreWaitThanOneBatchHolds_TheRestGoesIntoTheNext()
    {
        _scheduler.Hold();
        var all = Enumerable.Range(0, 11).Select(i => CommitAsync(i)).ToArray();
        _scheduler.Release();

        Assert.Equal(Enumerable.Range(0, 8).Select(i => (long)i), await _writer.NextBatchAsync());
        _writer.Finish();
        Assert.Equal([8, 9, 10], await _writer.NextBatchAsync());
        _writer.Finish();
        await Task.WhenAll(all).For("all commits");
    }

    [Fact]
    public async Task Commit_WhenTheWriterThrows_IsUnknownAndTheNextBatchIsWritten()
    {
        var first = CommitAsync(0);
        await _writer.NextBatchAsync();
        _writer.Fail(new InvalidOperationException("broken"));
        var result = await first.For("the first");
        Assert.Equal(CommitOutcome.Unknown, result.Outcome);
        Assert.Equal("broken", result.Error!.Message);

        var second = CommitAsync(1);
        await _writer.NextBatchAsync();
        _writer.Finish();
        Assert.Equal(CommitOutcome.Committed, (await second.For("the second")).Outcome);
    }

    [Fact]
    public async Task Commit_WhenTheWriterForgetsOne_IsUnknownForThatOne()
    {
        _scheduler.Hold();
        var all = new[] { CommitAsync(0), CommitAsync(1) };
        _scheduler.Release();
        await _writer.NextBatchAsync();
        _writer.Finish(except: 1);

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Unknown], (await Task.WhenAll(all).For("both")).Select(r => r.Outcome));
    }

    [Fact]
    public async Task Commit_WhenWithdrawnWhileItWaits_LeavesItsPlaceAndNoOther()
    {
        using var withdraw = new CancellationTokenSource();
        var first = CommitAsync(0);
        await _writer.NextBatchAsync();
        var waiting = new[] { CommitAsync(1), CommitAsync(2, withdraw.Token), CommitAsync(3) };
        await withdraw.CancelAsync();
        Assert.Equal(new CommitResult(CommitOutcome.NotCommitted), await waiting[1].For("the withdrawn one"));

        _writer.Finish();
        Assert.Equal([1, 3], await _writer.NextBatchAsync());
        _writer.Finish();
        await Task.WhenAll([first, .. waiting]).For("all commits");
    }

    [Fact]
    public async Task Commit_WhenAllThatWaitAreWithdrawn_WritesNoEmptyBatch()
    {
        using var withdraw = new CancellationTokenSource();
        _scheduler.Hold();
        var withdrawn = CommitAsync(0, withdraw.Token);
        await withdraw.CancelAsync();
        await withdrawn.For("the withdrawn one");
        _scheduler.Release();
        var next = CommitAsync(1);

        Assert.Equal([1], await _writer.NextBatchAsync());
        _writer.Finish();
        await next.For("the next");
    }

    [Fact]
    public async Task Commit_WhenWithdrawnInFlight_IsWritten()
    {
        using var withdraw = new CancellationTokenSource();
        var commit = CommitAsync(0, withdraw.Token);
        await _writer.NextBatchAsync();
        await withdraw.CancelAsync();
        Assert.False(commit.IsCompleted);
        _writer.Finish();

        Assert.Equal(CommitOutcome.Committed, (await commit.For("the commit")).Outcome);
    }

    [Fact]
    public async Task Commit_WhenTokenIsAlreadyCancelled_IsNotCommitted() =>
        Assert.Equal(new CommitResult(CommitOutcome.NotCommitted), await CommitAsync(0, new CancellationToken(true)));

    [Fact]
    public async Task Commit_WhenItsCallerHasAScheduler_ComesBackToIt()
    {
        var own = new HeldScheduler();
        var resumed = Task
            .Factory.StartNew(
                async () =>
                {
                    await _group.CommitAsync(Commit(0), default);
                    return TaskScheduler.Current;
                },
                CancellationToken.None,
                TaskCreationOptions.None,
                own
            )
            .Unwrap();
        await _writer.NextBatchAsync();
        _writer.Finish();

        Assert.Same(own, await resumed.For("the caller"));
    }

    [Fact]
    public async Task Dispose_WhenCommitsWait_WritesThemAndRefusesNewOnes()
    {
        var first = CommitAsync(0);
        await _writer.NextBatchAsync();
        var second = CommitAsync(1);
        var disposing = _group.DisposeAsync().AsTask();

        var late = await CommitAsync(2);
        Assert.Equal(CommitOutcome.NotCommitted, late.Outcome);
        Assert.IsType<StoreException>(late.Error);
        Assert.False(disposing.IsCompleted);
        _writer.Finish();
        Assert.Equal([1], await _writer.NextBatchAsync());
        _writer.Finish();
        await disposing.For("the group commit to end");
        Assert.Equal(CommitOutcome.Committed, (await first).Outcome);
        Assert.Equal(CommitOutcome.Committed, (await second).Outcome);
    }

    [Fact]
    public async Task TryTakeNextBatch_WhenManyWait_GoesOnWithThemAndAnswersTheFirst()
    {
        var writer = new StepwiseWriter { TurnsOver = true };
        await using var group = new GroupCommit(new SagaRuntime(_scheduler, TimeProvider.System, new TestIds()), [writer], maxBatch: 8);
        var first = group.CommitAsync(Commit(0), default).AsTask();
        await writer.NextBatchAsync();
        var others = Enumerable.Range(1, 12).Select(i => group.CommitAsync(Commit(i), default).AsTask()).ToArray();
        writer.Finish();

        Assert.Equal(Enumerable.Range(1, 8).Select(i => (long)i), await writer.NextBatchAsync());
        Assert.Equal(0, (await first.For("the first")).Number);
        Assert.Equal(1, writer.Calls);
        writer.Finish();

        // Four are too few to be taken so.
        Assert.Equal([9, 10, 11, 12], await writer.NextBatchAsync());
        Assert.Equal(2, writer.Calls);
        writer.Finish();
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), (await Task.WhenAll(others).For("the others")).Select(r => r.Number));
        Assert.Equal((13, 3), (group.Commits, group.Batches));
    }

    [Fact]
    public async Task TryTakeNextBatch_WhenTheWriterForgetsOne_IsUnknownForThatOne()
    {
        var writer = new StepwiseWriter { TurnsOver = true };
        await using var group = new GroupCommit(new SagaRuntime(_scheduler, TimeProvider.System, new TestIds()), [writer], maxBatch: 8);
        _scheduler.Hold();
        var all = new[] { group.CommitAsync(Commit(0), default).AsTask(), group.CommitAsync(Commit(1), default).AsTask() };
        _scheduler.Release();
        await writer.NextBatchAsync();
        writer.Finish(except: 0);

        Assert.Equal([CommitOutcome.Unknown, CommitOutcome.Committed], (await Task.WhenAll(all).For("both")).Select(r => r.Outcome));
    }

    [Fact]
    public async Task TryTakeNextBatch_WhenTheGroupEnds_LeavesTheRestToItsEnd()
    {
        var writer = new StepwiseWriter { TurnsOver = true };
        var group = new GroupCommit(new SagaRuntime(_scheduler, TimeProvider.System, new TestIds()), [writer], maxBatch: 8);
        var all = new List<Task> { group.CommitAsync(Commit(0), default).AsTask() };
        await writer.NextBatchAsync();
        all.AddRange(Enumerable.Range(1, 20).Select(i => group.CommitAsync(Commit(i), default).AsTask()));
        var ending = group.DisposeAsync().AsTask();
        foreach (var size in (int[])[8, 8, 4])
        {
            writer.Finish();
            Assert.Equal(size, (await writer.NextBatchAsync()).Count());
        }

        writer.Finish();
        await ending.For("the group commit to end");
        Assert.All(all, commit => Assert.True(commit.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task Commit_WhenAsManyWaitAsWereAnswered_GoesWithThoseAndNoMore()
    {
        var writer = new StepwiseWriter { TurnsOver = true };
        await using var group = new GroupCommit(new SagaRuntime(_scheduler, TimeProvider.System, new TestIds()), [writer], maxBatch: 8);
        _scheduler.Hold();
        var first = Enumerable.Range(0, 3).Select(i => group.CommitAsync(Commit(i), default).AsTask()).ToArray();
        _scheduler.Release();
        Assert.Equal([0, 1, 2], await writer.NextBatchAsync());
        writer.Finish();
        await Task.WhenAll(first).For("the first");
        _scheduler.Drain();

        _scheduler.Hold();
        var next = Enumerable.Range(3, 4).Select(i => group.CommitAsync(Commit(i), default).AsTask()).ToArray();
        _scheduler.Release();
        Assert.Equal([3, 4, 5], await writer.NextBatchAsync());
        writer.Finish();
        Assert.Equal([6], await writer.NextBatchAsync());
        writer.Finish();
        Assert.Equal([3, 4, 5, 6], (await Task.WhenAll(next).For("the next")).Select(result => result.Number));
    }

    [Fact]
    public async Task TryTakeNextBatch_WhenThereIsNoMore_TheNextBatchDoesNotWaitForTheWriterToReturn()
    {
        var writer = new LingeringWriter();
        var group = new GroupCommit(SagaRuntime.System, [writer], maxBatch: 8);
        for (var i = 0; i < 5; i++)
            Assert.Equal(
                new CommitResult(CommitOutcome.Committed, i),
                await group.CommitAsync(Commit(i), default).AsTask().For($"commit {i}")
            );
        var held = group.CommitAsync(Commit(LingeringWriter.Held), default).AsTask();
        await writer.HasHeld.For("the batch that is held");
        writer.ReturnAll();
        await writer.HaveReturned.For("the calls to return");
        Assert.False(held.IsCompleted);
        writer.Release();
        Assert.Equal(CommitOutcome.Committed, (await held.For("the commit that was held")).Outcome);
        await group.DisposeAsync().AsTask().For("the group commit to end");
    }

    [Fact]
    public async Task Commit_WhenFewWait_IsLeftToTheWriterThatWrites()
    {
        await using var pair = new Pair();
        var all = new List<Task> { pair.CommitAsync(0) };
        await pair.First.NextBatchAsync();
        for (var i = 1; i < GroupCommit.ExtraWriterThreshold; i++)
            all.Add(pair.CommitAsync(i));

        pair.First.Finish();
        Assert.Equal(GroupCommit.ExtraWriterThreshold - 1, (await pair.First.NextBatchAsync()).Count());
        pair.First.Finish();
        await Task.WhenAll(all).For("all commits");
        Assert.Equal(0, pair.Second.Calls);
    }

    [Fact]
    public async Task Commit_WhenManyWait_ASecondWriterWritesBesideTheFirst()
    {
        await using var pair = new Pair();
        var first = pair.CommitAsync(0);
        await pair.First.NextBatchAsync();
        var others = Enumerable.Range(1, GroupCommit.ExtraWriterThreshold).Select(i => pair.CommitAsync(i)).ToArray();

        Assert.Equal(Enumerable.Range(1, GroupCommit.ExtraWriterThreshold).Select(i => (long)i), await pair.Second.NextBatchAsync());
        pair.Second.Finish();
        await Task.WhenAll(others).For("those of the second");
        Assert.False(first.IsCompleted);
        var last = pair.CommitAsync(99);
        pair.First.Finish();
        await first.For("the first");
        Assert.Equal([99], await pair.First.NextBatchAsync());
        pair.First.Finish();
        await last.For("the last");
    }

    [Fact]
    public async Task Commit_WhenAWriterIsAway_IsWrittenByTheOther()
    {
        await using var pair = new Pair();
        pair.First.IsUnavailable = true;
        var first = pair.CommitAsync(0);
        Assert.Equal([0], await pair.Second.NextBatchAsync());
        var others = Enumerable.Range(1, 2 * GroupCommit.ExtraWriterThreshold).Select(i => pair.CommitAsync(i)).ToArray();
        pair.Second.Finish();

        Assert.Equal(others.Length, (await pair.Second.NextBatchAsync()).Count());
        pair.Second.Finish();
        await Task.WhenAll([first, .. others]).For("all commits");
        Assert.Equal(0, pair.First.Calls);
    }

    [Fact]
    public async Task Commit_WhenAllWritersAreAway_IsAnsweredByOneOfThem()
    {
        await using var pair = new Pair();
        pair.First.IsUnavailable = pair.Second.IsUnavailable = true;
        var commit = pair.CommitAsync(0);
        await pair.First.NextBatchAsync();
        pair.First.Finish();

        await commit.For("the commit");
    }

    [Fact]
    public async Task Dispose_WhenTwoWritersWrite_WaitsForBoth()
    {
        await using var pair = new Pair();
        var all = new List<Task> { pair.CommitAsync(0) };
        await pair.First.NextBatchAsync();
        all.AddRange(Enumerable.Range(1, GroupCommit.ExtraWriterThreshold).Select(i => pair.CommitAsync(i)));
        await pair.Second.NextBatchAsync();
        all.Add(pair.CommitAsync(99));
        var disposing = pair.Group.DisposeAsync().AsTask();

        pair.Second.Finish();
        Assert.Equal([99], await pair.Second.NextBatchAsync());
        pair.Second.Finish();
        pair.Scheduler.Drain();
        Assert.False(disposing.IsCompleted);
        pair.First.Finish();
        await disposing.For("the group commit to end");
        Assert.All(all, commit => Assert.True(commit.IsCompletedSuccessfully));
    }

    /// <summary>Pooled ways back: none may bring another's answer, also when withdrawals race with batches.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_WhenManyCommitAndWithdraw_EveryCallerGetsItsOwnAnswer(bool turnsOver)
    {
        var echo = new EchoWriter(turnsOver);
        var beside = new EchoWriter(turnsOver);
        await using var group = new GroupCommit(SagaRuntime.System, [echo, beside], maxBatch: 8);

        async Task<int> CallAsync(int caller)
        {
            var committed = 0;
            for (var i = 0; i < 100; i++)
            {
                using var withdraw = new CancellationTokenSource();
                var id = (caller * 1000) + i;
                var commit = group.CommitAsync(Commit(id), withdraw.Token);
                if (i % 3 == 0)
                    await withdraw.CancelAsync();
                var result = await commit;
                if (result.Outcome is CommitOutcome.NotCommitted)
                    continue;
                Assert.Equal(id, result.Number);
                committed++;
            }

            return committed;
        }

        var committed = await Task.WhenAll(Enumerable.Range(0, 200).Select(c => Task.Run(() => CallAsync(c)))).For("200 callers");

        Assert.True(beside.Written > 0, "All was left to one writer: the test tests nothing of the other.");
        Assert.Equal(echo.Written + beside.Written, committed.Sum());
        Assert.All(committed, c => Assert.InRange(c, 66, 100));
    }

    [Theory]
    [MemberData(nameof(MalformedCommits))]
    public async Task Commit_WhenItIsMalformed_IsNotCommittedAlone(string what)
    {
        var result = await _group.CommitAsync(Malformed()[what], default);

        Assert.True(result.Outcome is CommitOutcome.NotCommitted, what);
        Assert.IsType<ArgumentException>(result.Error);
    }

    public static TheoryData<string> MalformedCommits => [.. Malformed().Keys];

    private static Dictionary<string, SagaCommit> Malformed()
    {
        var key = new SagaKey(new SagaId("a"));
        var id = new CommitId(1);
        StoredEntry Entry(long revision) =>
            new()
            {
                Revision = revision,
                Name = "E",
                Format = 1,
                At = default,
                Commit = id,
                Body = default,
            };
        SagaCommit To(
            IReadOnlyList<StoredEntry> entries,
            SagaRow? row = null,
            StoredRequest? request = null,
            long revision = 1,
            SagaKey? saga = null,
            long? number = 1
        ) =>
            new()
            {
                Id = id,
                At = default,
                Saga = saga ?? key,
                Number = number,
                ExpectedRevision = revision,
                Entries = entries,
                Row = row,
                Request = request,
            };
        var running = new SagaRow { Status = SagaStatus.Running };
        var hash = new byte[32];
        return new Dictionary<string, SagaCommit>
        {
            { "a gap", To([Entry(3)]) },
            { "a negative revision", To([], revision: -1) },
            { "no number", To([Entry(2)], number: null) },
            { "another commit's entry", To([Entry(2) with { Commit = new CommitId(2) }]) },
            { "a long name", To([Entry(2) with { Name = new string('n', 65) }]) },
            { "a name beyond ASCII", To([Entry(2) with { Name = "ä" }]) },
            { "no format", To([Entry(2) with { Format = 0 }]) },
            { "no saga", To([], saga: default(SagaKey)) },
            { "a bad namespace", To([], saga: new SagaKey("a/b", key.Id)) },
            { "terminal without its time", To([], running with { Status = SagaStatus.Failed }) },
            { "a snapshot without a revision", To([], running with { Snapshot = hash }) },
            {
                "too many tags",
                To([], running with { Tags = [.. Enumerable.Range(10, 17).Select(i => KeyValuePair.Create($"t{i}", ""))] })
            },
            { "tags out of order", To([], running with { Tags = [new("b", ""), new("a", "")] }) },
            { "a tag twice", To([], running with { Tags = [new("a", ""), new("a", "1")] }) },
            { "a long tag", To([], running with { Tags = [new("a", new string('v', 257))] }) },
            { "a short hash", To([], request: new StoredRequest(new RequestKey("default", "me", "r"), new byte[31], key.Id)) },
            { "a long key", To([], request: new StoredRequest(new RequestKey("default", "me", new string('r', 256)), hash, key.Id)) },
            { "a request without a caller", To([], request: new StoredRequest(new RequestKey("default", "", "r"), hash, key.Id)) },
            { "a long caller", To([], request: new StoredRequest(new RequestKey("default", new string('c', 257), "r"), hash, key.Id)) },
            {
                "a new saga without its row",
                new()
                {
                    Id = id,
                    At = default,
                    Saga = key,
                    ExpectedRevision = 0,
                    Entries = [Entry(1)],
                    NewSaga = new()
                    {
                        Type = "t",
                        Version = 1,
                        Fingerprint = "f",
                        StartedAt = default,
                    },
                }
            },
        };
    }

    private static SagaCommit Commit(long id) =>
        new()
        {
            Id = new CommitId(id),
            At = default,
            Saga = new SagaKey(new SagaId("a")),
            Number = 1,
            ExpectedRevision = 1,
        };

    private Task<CommitResult> CommitAsync(long id, CancellationToken withdraw = default) =>
        _group.CommitAsync(Commit(id), withdraw).AsTask();

    /// <summary>Two writers that finish when the test says so.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        public Pair() => Group = new GroupCommit(new SagaRuntime(Scheduler, TimeProvider.System, new TestIds()), [First, Second]);

        public HeldScheduler Scheduler { get; } = new();

        public StepwiseWriter First { get; } = new();

        public StepwiseWriter Second { get; } = new();

        public GroupCommit Group { get; }

        public Task<CommitResult> CommitAsync(long id) => Group.CommitAsync(Commit(id), default).AsTask();

        public async ValueTask DisposeAsync()
        {
            First.FinishAll();
            Second.FinishAll();
            await Group.DisposeAsync().AsTask().For("the group commit to end");
        }
    }

    /// <summary>Answers each commit with its own id.</summary>
    private sealed class EchoWriter(bool turnsOver) : IBatchWriter
    {
        private int _written;

        public int Written => _written;

        public async ValueTask WriteAsync(CommitBatch batch)
        {
            do
            {
                await Task.Yield();
                Interlocked.Add(ref _written, batch.Count);
                for (var i = 0; i < batch.Count; i++)
                    batch.Answer(i, new CommitResult(CommitOutcome.Committed, batch[i].Id.Value));
            } while (turnsOver && batch.TryTakeNextBatch());
        }
    }

    /// <summary>Answers at once, and returns when it is told to.</summary>
    private sealed class LingeringWriter : IBatchWriter
    {
        public const long Held = 99;

        private readonly TaskCompletionSource _return = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _hasHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _haveReturned = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _lingering;

        public Task HasHeld => _hasHeld.Task;

        public Task HaveReturned => _haveReturned.Task;

        public void ReturnAll() => _return.SetResult();

        public void Release() => _release.SetResult();

        public async ValueTask WriteAsync(CommitBatch batch)
        {
            if (batch[0].Id.Value == Held)
            {
                _hasHeld.SetResult();
                await _release.Task;
            }

            for (var i = 0; i < batch.Count; i++)
                batch.Answer(i, new CommitResult(CommitOutcome.Committed, batch[i].Id.Value));
            if (batch.TryTakeNextBatch())
                throw new InvalidOperationException("There was to be no more.");
            Interlocked.Increment(ref _lingering);
            await _return.Task;
            if (Interlocked.Decrement(ref _lingering) == 0)
            {
                await Task.Delay(50); // a wrong answer is given by whoever waits for this call
                _haveReturned.TrySetResult();
            }
        }
    }
}
