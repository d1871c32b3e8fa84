using System.Threading.Tasks.Sources;

namespace OrleansSagas.Storing;

/// <summary>The batching half of a group commit: all commits that wait while the disk is busy go into the next transaction together.
/// It runs on <see cref="SagaRuntime.Scheduler"/>, but for <see cref="CommitBatch.TurnOver"/>, which a writer calls where it is.</summary>
public sealed class GroupCommit : IAsyncDisposable, IValueTaskSource
{
    /// <summary>How many commits go into one transaction at most, unless told otherwise.</summary>
    public const int DefaultMaxBatch = 4096;

    /// <summary>How many must wait for a transaction beside the one that is under way.</summary>
    internal const int WorthAnother = 64;

    private const int Patience = 4;
    private const int Worthwhile = 32;

    private readonly Lock _gate = new();
    private readonly CommitQueue _queue;
    private readonly Lane[] _lanes;
    private readonly int _maxBatch;
    private readonly int _worthwhile;
    private readonly int _worthAnother;
    private readonly Task _loop;

    private ManualResetValueTaskSourceCore<bool> _turn = new() { RunContinuationsAsynchronously = true };
    private bool _idle;
    private bool _stopped;
    private int _busy;
    private int _answered;
    private long _commits;
    private long _batches;

    /// <summary>Starts the loop that hands batches to <paramref name="writers"/>.</summary>
    /// <param name="runtime">Where the loop runs.</param>
    /// <param name="writers">What writes a batch. The first writes alone, unless so many commits wait that another transaction beside its own is worth while.</param>
    /// <param name="maxBatch">How many commits go into one transaction at most.</param>
    public GroupCommit(SagaRuntime runtime, IReadOnlyList<IBatchWriter> writers, int maxBatch = DefaultMaxBatch)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(writers);
        ArgumentOutOfRangeException.ThrowIfZero(writers.Count, nameof(writers));
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        _queue = new CommitQueue(this);
        _lanes = [.. writers.Select(writer => new Lane(new CommitBatch(this, writer, maxBatch)))];
        _maxBatch = maxBatch;
        (_worthwhile, _worthAnother) = (Math.Min(Worthwhile, maxBatch), Math.Min(WorthAnother, maxBatch));
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
        bool wakes;
        lock (_gate)
        {
            if (_stopped)
                return new(new CommitResult(CommitOutcome.NotCommitted, Error: new StoreException("The store is closed. Send this again to an instance that is running.")));
            waiting = _queue.Append(commit);
            wakes = WakesLoop();
        }

        // The task is taken first: once the commit can be withdrawn, it can be answered.
        var task = waiting.Task;
        if (withdraw.CanBeCanceled)
            waiting.WithdrawOn(withdraw);
        if (wakes)
            _turn.SetResult(true);
        return task;
    }

    /// <summary>How many commits were handed to the writers so far.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>In how many batches.</summary>
    public long Batches => Volatile.Read(ref _batches);

    /// <summary>Takes no more commits, writes those that wait, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        bool wakes;
        lock (_gate)
        {
            _stopped = true;
            wakes = WakesLoop();
        }

        if (wakes)
            _turn.SetResult(true);
        await _loop;
    }

    void IValueTaskSource.GetResult(short token)
    {
        _ = _turn.GetResult(token);
        _turn.Reset();
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _turn.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _turn.OnCompleted(continuation, state, token, flags);

    internal bool TurnOver(CommitBatch batch)
    {
        Answer(batch, null);
        lock (_gate)
        {
            if (_stopped || batch.Writer.IsAway || _queue.Count < (_busy == 1 ? _worthwhile : _worthAnother))
                return false;
            Fill(batch);
            return true;
        }
    }

    internal bool TryRemove(WaitingCommit waiting)
    {
        lock (_gate)
            return _queue.TryRemove(waiting);
    }

    internal void Recycle(WaitingCommit waiting)
    {
        lock (_gate)
            _queue.Recycle(waiting);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await WaitForTurn();

            // The callers that were answered a moment ago are about to commit again, a few turns of the scheduler later. A batch that
            // left now would take the few that were fast, and all others would wait for two syncs: at 64 callers, batches of 32
            // instead of 57. So the loop steps behind them until as many have come, or none comes any more, or there are enough to be
            // worth a sync: from then on it is better that the writer works while the others get ready.
            for (var quiet = 0; quiet < Patience && _queue.Count is var before && before < _answered; quiet++)
            {
                await Task.Yield();
                if (_queue.Count > before)
                    quiet = -1;
            }

            if (Take() is { } lane)
                lane.Writing = WriteAsync(lane);
            else if (IsOver())
                break;
        }

        foreach (var lane in _lanes)
            await lane.Writing;
    }

    private async Task WriteAsync(Lane lane)
    {
        Exception? error = null;
        try
        {
            await lane.Writer.WriteAsync(lane.Batch);
        }
        catch (Exception e)
        {
            error = e;
        }

        if (lane.Batch.Count > 0)
            Answer(lane.Batch, error);
        bool wakes;
        lock (_gate)
        {
            lane.IsBusy = false;
            _busy--;
            wakes = WakesLoop();
        }

        if (wakes)
            _turn.SetResult(true);
    }

    private ValueTask WaitForTurn()
    {
        lock (_gate)
        {
            _idle = true;
            return WakesLoop() ? default : new(this, _turn.Version);
        }
    }

    /// <summary>Whether the loop waits and has something to do now; the caller wakes it.</summary>
    private bool WakesLoop()
    {
        if (!_idle || !(_queue.Count > 0 ? FindLane() is not null : _stopped))
            return false;
        _idle = false;
        return true;
    }

    /// <summary>Who writes the next batch: nobody while a transaction is under way, unless enough wait for a second one beside it.</summary>
    private Lane? FindLane()
    {
        Lane? away = null;
        foreach (var lane in _lanes)
        {
            if (lane.IsBusy)
                continue;
            if (!lane.Writer.IsAway)
                return _busy == 0 || _queue.Count >= _worthAnother || _stopped ? lane : null;
            away ??= lane;
        }

        // It will say why nothing can be written.
        return _busy == 0 ? away : null;
    }

    private Lane? Take()
    {
        lock (_gate)
        {
            if (_queue.Count == 0 || FindLane() is not { } lane)
                return null;
            Fill(lane.Batch);
            lane.IsBusy = true;
            _busy++;
            return lane;
        }
    }

    private void Fill(CommitBatch batch)
    {
        while (batch.Count < _maxBatch && _queue.Take() is { } waiting)
            batch.Add(waiting);
        _batches++;
        _commits += batch.Count;
    }

    private void Answer(CommitBatch batch, Exception? error)
    {
        _answered = Math.Min(_worthwhile, batch.Count + _queue.Count);
        batch.Complete(error);
    }

    private bool IsOver()
    {
        lock (_gate)
            return _stopped && _queue.Count == 0;
    }

    /// <summary>One writer, and the batch that it writes.</summary>
    private sealed class Lane(CommitBatch batch)
    {
        internal IBatchWriter Writer => batch.Writer;

        internal CommitBatch Batch => batch;

        internal bool IsBusy { get; set; }

        internal Task Writing { get; set; } = Task.CompletedTask;
    }
}
