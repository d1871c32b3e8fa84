using System.Diagnostics.Metrics;
using System.Threading.Tasks.Sources;
using OrleansSagas.Telemetry;

namespace OrleansSagas.Storage;

/// <summary>
/// The batching half of a group commit: all commits that wait while the disk is busy go into the next transaction together. It runs on
/// <see cref="SagaRuntime.Scheduler"/>, but for <see cref="CommitBatch.TryTakeNextBatch"/>, which a writer calls where it is.
/// </summary>
/// <remarks>
/// The callers that were answered are about to commit again, a few turns of their schedulers later. A batch that left at once would take
/// the few that were fast, and all others would wait for two syncs. So they are counted: the next batch leaves when as many wait as were
/// answered, or enough to be worth a sync; from then on it is better that the writer works while the others get ready.
/// </remarks>
internal sealed class GroupCommit : IAsyncDisposable, IValueTaskSource
{
    /// <summary>How many commits go into one transaction at most, unless told otherwise.</summary>
    public const int DefaultMaxBatch = 4096;

    /// <summary>How many must wait for a transaction beside the one that is under way.</summary>
    internal const int ExtraWriterThreshold = 64;

    private const int MaxIdleYields = 4;
    private const int MinBatch = 32;

    private readonly Lock _gate = new();
    private readonly SagaRuntime _runtime;
    private readonly CommitQueue _queue;
    private readonly WriterSlot[] _slots;
    private readonly int _maxBatch;
    private readonly int _worthwhile;
    private readonly int _worthAnother;
    private readonly Task _loop;
    private readonly CommitInstruments? _instruments;

    private ManualResetValueTaskSourceCore<bool> _turn = new() { RunContinuationsAsynchronously = true };
    private bool _idle;
    private bool _stopped;
    private int _busy;
    private int _answered;
    private long _commits;
    private long _batches;

    /// <summary>Starts the loop that hands batches to <paramref name="writers"/>.</summary>
    /// <param name="runtime">Where the loop runs.</param>
    /// <param name="writers">
    /// What writes a batch. The first writes alone, unless so many commits wait that another transaction beside its own is worth while.
    /// </param>
    /// <param name="maxBatch">How many commits go into one transaction at most.</param>
    /// <param name="meters">Makes the meter of what is measured; null for measuring nothing.</param>
    public GroupCommit(
        SagaRuntime runtime,
        IReadOnlyList<IBatchWriter> writers,
        int maxBatch = DefaultMaxBatch,
        IMeterFactory? meters = null
    )
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(writers);
        ArgumentOutOfRangeException.ThrowIfZero(writers.Count, nameof(writers));
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        _runtime = runtime;
        _queue = new CommitQueue(this);
        _slots = [.. writers.Select(writer => new WriterSlot(this, new CommitBatch(this, writer, maxBatch)))];
        _maxBatch = maxBatch;
        if (meters is not null)
            _instruments = new CommitInstruments(meters, runtime.Clock, () => _stopped ? null : _queue.Count);
        (_worthwhile, _worthAnother) = (Math.Min(MinBatch, maxBatch), Math.Min(ExtraWriterThreshold, maxBatch));
        _loop = runtime.Start(RunAsync);
    }

    /// <summary>
    /// Lets <paramref name="commit"/> wait for the next batch. A commit that no store could write is
    /// <see cref="CommitOutcome.NotCommitted"/>, alone.
    /// </summary>
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
        WriterSlot? slot;
        bool wakes;
        lock (_gate)
        {
            if (_stopped)
                return new(
                    new CommitResult(
                        CommitOutcome.NotCommitted,
                        Error: new StoreException("The store is closed. Send this again to an instance that is running.")
                    )
                );
            waiting = _queue.Append(commit, _instruments?.Enqueued());

            // Where one alone was answered, this may be the first of many that come now: then the loop looks.
            slot = _answered > 1 && _queue.Count >= _answered ? Take() : null;
            wakes = slot is null && WakesLoop();
        }

        // The task is taken first: once the commit is on its way or can be withdrawn, it can be answered.
        var task = waiting.Task;
        if (slot is not null)
            _runtime.BeginNext(static slot => slot.Write(), slot);
        if (wakes)
            _turn.SetResult(true);
        if (withdraw.CanBeCanceled)
            waiting.WithdrawOn(withdraw);
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

    internal bool TryTakeNextBatch(CommitBatch batch)
    {
        Answer(batch, null);
        bool wakes;
        lock (_gate)
        {
            if (!_stopped && !batch.Writer.IsUnavailable && _queue.Count >= (_busy == 1 ? _answered : _worthAnother))
            {
                Fill(batch);
                return true;
            }

            wakes = Free(Array.Find(_slots, slot => slot.Batch == batch)!);
        }

        if (wakes)
            _turn.SetResult(true);
        return false;
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
            await WaitForTurnAsync();

            // Not all that were answered come back: sagas end, and steps take their time. So this steps behind those that do, and waits no
            // longer once all that the scheduler had to run has run a few times without another commit.
            for (
                var quiet = 0;
                quiet < MaxIdleYields && Volatile.Read(ref _busy) == 0 && _queue.Count is var before && before < _answered;
                quiet++
            )
            {
                await Task.Yield();
                if (_queue.Count > before)
                    quiet = -1;
            }

            WriterSlot? slot;
            lock (_gate)
            {
                slot = Take();
                if (slot is null && IsOver)
                    return;
            }

            if (slot is not null)
                _ = WriteAsync(slot);
        }
    }

    private async Task WriteAsync(WriterSlot slot)
    {
        var turn = slot.Turn;
        Exception? error = null;
        try
        {
            await slot.Writer.WriteAsync(slot.Batch);
        }
        catch (Exception e) when (slot.Turn == turn)
        {
            error = e;
        }

        // Where it did not turn over, all of it was answered then, and another batch may be under way.
        if (slot.Turn != turn)
            return;
        if (slot.Batch.Count > 0)
            Answer(slot.Batch, error);
        bool wakes;
        lock (_gate)
            wakes = Free(slot);
        if (wakes)
            _turn.SetResult(true);
    }

    private ValueTask WaitForTurnAsync()
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
        if (!_idle || !(_queue.Count > 0 ? FindLane() is not null : IsOver))
            return false;
        _idle = false;
        return true;
    }

    /// <summary>
    /// Who writes the next batch: nobody while a transaction is under way, unless enough wait for a second one beside it.
    /// </summary>
    private WriterSlot? FindLane()
    {
        WriterSlot? away = null;
        foreach (var slot in _slots)
        {
            if (slot.IsBusy)
                continue;
            if (!slot.Writer.IsUnavailable)
                return _busy == 0 || _queue.Count >= _worthAnother || _stopped ? slot : null;
            away ??= slot;
        }

        // It will say why nothing can be written.
        return _busy == 0 ? away : null;
    }

    /// <summary>Gives what waits to whoever can write it; null where nothing waits or nobody can. The caller has it written.</summary>
    private WriterSlot? Take()
    {
        if (_queue.Count == 0 || FindLane() is not { } slot)
            return null;
        Fill(slot.Batch);
        slot.IsBusy = true;
        _busy++;
        return slot;
    }

    /// <summary>Its batch is written and answered; true where the caller must wake the loop.</summary>
    private bool Free(WriterSlot slot)
    {
        slot.IsBusy = false;
        slot.Turn++;
        _busy--;
        return WakesLoop();
    }

    private void Fill(CommitBatch batch)
    {
        while (batch.Count < _maxBatch && _queue.Take() is { } waiting)
            batch.Add(waiting);
        batch.FilledAt = _instruments?.Filled();
        _batches++;
        _commits += batch.Count;
    }

    /// <summary>Says to each caller what became of its commit, and how many are to be waited for.</summary>
    private void Answer(CommitBatch batch, Exception? error)
    {
        _answered = Math.Min(_worthwhile, batch.Count + _queue.Count);
        batch.Complete(error, _instruments);
    }

    private bool IsOver => _stopped && _busy == 0 && _queue.Count == 0;

    /// <summary>One writer, and the batch that it writes.</summary>
    private sealed class WriterSlot(GroupCommit group, CommitBatch batch)
    {
        internal IBatchWriter Writer => batch.Writer;

        internal CommitBatch Batch => batch;

        internal bool IsBusy { get; set; }

        /// <summary>How often it has become free.</summary>
        internal int Turn { get; set; }

        internal void Write() => _ = group.WriteAsync(this);
    }
}
