using System.Threading.Tasks.Sources;

namespace OrleansSagas.Storing;

/// <summary>The batching half of a group commit: all commits that wait while the disk is busy go into the next transaction together.
/// It runs on <see cref="SagaRuntime.Scheduler"/>.</summary>
public sealed class GroupCommit : IAsyncDisposable, IValueTaskSource<bool>
{
    /// <summary>How many commits go into one transaction at most, unless told otherwise.</summary>
    public const int DefaultMaxBatch = 4096;

    private const int MaxPooled = 4096;
    private const int Patience = 4;
    private const int Worthwhile = 32;

    private readonly Lock _gate = new();
    private readonly IBatchWriter _writer;
    private readonly CommitBatch _batch;
    private readonly int _maxBatch;
    private readonly Stack<WaitingCommit> _pool = new();
    private readonly Task _loop;

    private ManualResetValueTaskSourceCore<bool> _work = new() { RunContinuationsAsynchronously = true };
    private WaitingCommit? _first;
    private WaitingCommit? _last;
    private int _count;
    private bool _idle;
    private bool _stopped;
    private long _commits;
    private long _batches;

    /// <summary>Starts the loop that hands batches to <paramref name="writer"/>.</summary>
    /// <param name="runtime">Where the loop runs.</param>
    /// <param name="writer">What writes a batch.</param>
    /// <param name="maxBatch">How many commits go into one transaction at most.</param>
    public GroupCommit(SagaRuntime runtime, IBatchWriter writer, int maxBatch = DefaultMaxBatch)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        _writer = writer;
        _maxBatch = maxBatch;
        _batch = new CommitBatch(maxBatch);
        _loop = runtime.Start(RunAsync);
    }

    /// <summary>Lets <paramref name="commit"/> wait for the next batch. A commit that no store could write is <see cref="CommitOutcome.NotCommitted"/>, alone.</summary>
    /// <param name="commit">What to write.</param>
    /// <param name="withdraw">Takes the commit back as long as no batch has taken it.</param>
    public ValueTask<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw)
    {
        ArgumentNullException.ThrowIfNull(commit);
        if (CommitRules.FindFault(commit) is { } fault)
            return new(new CommitResult(CommitOutcome.NotCommitted, Error: new ArgumentException(fault, nameof(commit))));
        if (withdraw.IsCancellationRequested)
            return new(new CommitResult(CommitOutcome.NotCommitted));

        WaitingCommit waiting;
        bool wake;
        lock (_gate)
        {
            if (_stopped)
                return new(new CommitResult(CommitOutcome.NotCommitted, Error: new StoreException("The store is closed. Send this again to an instance that is running.")));
            waiting = _pool.TryPop(out var pooled) ? pooled : new WaitingCommit(this);
            waiting.Begin(commit);
            Append(waiting);
            wake = _idle;
            _idle = false;
        }

        // The task is taken first: once the commit can be withdrawn, it can be answered.
        var task = waiting.Task;
        if (withdraw.CanBeCanceled)
            waiting.WithdrawOn(withdraw);
        if (wake)
            _work.SetResult(true);
        return task;
    }

    /// <summary>How many commits were handed to the writer so far.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>In how many batches.</summary>
    public long Batches => Volatile.Read(ref _batches);

    /// <summary>Takes no more commits, writes those that wait, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        bool wake;
        lock (_gate)
        {
            _stopped = true;
            wake = _idle;
            _idle = false;
        }

        if (wake)
            _work.SetResult(false);
        await _loop;
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        var result = _work.GetResult(token);
        _work.Reset();
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _work.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _work.OnCompleted(continuation, state, token, flags);

    internal bool TryRemove(WaitingCommit waiting)
    {
        lock (_gate)
        {
            if (!waiting.IsWaiting)
                return false;
            Unlink(waiting);
            return true;
        }
    }

    internal void Recycle(WaitingCommit waiting)
    {
        lock (_gate)
        {
            if (_pool.Count < MaxPooled)
                _pool.Push(waiting);
        }
    }

    private async Task RunAsync()
    {
        var answered = 0;
        while (await WaitForWork())
        {
            // The callers that were answered a moment ago are about to commit again, a few turns of the scheduler later. A batch that
            // left now would take the few that were fast, and all others would wait for two syncs: at 64 callers, batches of 32
            // instead of 57. So the loop steps behind them until as many have come, or none comes any more, or there are enough to be
            // worth a sync: from then on it is better that the writer works while the others get ready.
            for (var quiet = 0; quiet < Patience && Volatile.Read(ref _count) is var before && before < answered; quiet++)
            {
                await Task.Yield();
                if (Volatile.Read(ref _count) > before)
                    quiet = -1;
            }

            if (!TakeBatch())
                continue;
            Volatile.Write(ref _commits, _commits + _batch.Count);
            Volatile.Write(ref _batches, _batches + 1);
            Exception? error = null;
            try
            {
                await _writer.WriteAsync(_batch);
            }
            catch (Exception e)
            {
                error = e;
            }

            answered = Math.Min(Worthwhile, _batch.Count + Volatile.Read(ref _count));
            _batch.Complete(error);
        }
    }

    private ValueTask<bool> WaitForWork()
    {
        lock (_gate)
        {
            if (_count > 0)
                return new(true);
            if (_stopped)
                return new(false);
            _idle = true;
            return new(this, _work.Version);
        }
    }

    private bool TakeBatch()
    {
        lock (_gate)
        {
            while (_first is { } waiting && _batch.Count < _maxBatch)
            {
                Unlink(waiting);
                _batch.Add(waiting);
            }
        }

        return _batch.Count > 0;
    }

    private void Append(WaitingCommit waiting)
    {
        waiting.IsWaiting = true;
        waiting.Previous = _last;
        if (_last is null)
            _first = waiting;
        else
            _last.Next = waiting;
        _last = waiting;
        _count++;
    }

    private void Unlink(WaitingCommit waiting)
    {
        if (waiting.Previous is null)
            _first = waiting.Next;
        else
            waiting.Previous.Next = waiting.Next;
        if (waiting.Next is null)
            _last = waiting.Previous;
        else
            waiting.Next.Previous = waiting.Previous;
        waiting.Previous = null;
        waiting.Next = null;
        waiting.IsWaiting = false;
        _count--;
    }
}
