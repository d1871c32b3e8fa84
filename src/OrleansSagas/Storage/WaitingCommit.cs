using System.Threading.Tasks.Sources;

namespace OrleansSagas.Storage;

/// <summary>One commit on its way through the group commit, and its caller's way back. Pooled: a commit allocates nothing here.</summary>
internal sealed class WaitingCommit : IValueTaskSource<CommitResult>
{
    private readonly GroupCommit _group;

    // Asynchronously, so that each caller goes on on its own scheduler and never inside the batching loop.
    private ManualResetValueTaskSourceCore<CommitResult> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _withdrawal;

    internal WaitingCommit(GroupCommit group) => _group = group;

    internal SagaCommit? Commit { get; private set; }

    /// <summary>Whether no batch has taken it; under the group's lock, as are the links.</summary>
    internal bool IsWaiting { get; set; }

    internal WaitingCommit? Previous { get; set; }

    internal WaitingCommit? Next { get; set; }

    internal ValueTask<CommitResult> Task => new(this, _source.Version);

    /// <summary>When it began to wait, in the clock's timestamp; null where nobody wants to know.</summary>
    internal long? EnqueuedAt { get; private set; }

    internal void Begin(SagaCommit commit, long? at) => (Commit, EnqueuedAt) = (commit, at);

    internal void WithdrawOn(CancellationToken withdraw) =>
        _withdrawal = withdraw.UnsafeRegister(static self => ((WaitingCommit)self!).Withdraw(), this);

    internal void Complete(CommitResult result) => _source.SetResult(result);

    public CommitResult GetResult(short token)
    {
        var result = _source.GetResult(token);

        // Dispose waits for a withdrawal that runs just now: after it nothing else knows this object, and it can be used again.
        _withdrawal.Dispose();
        _withdrawal = default;
        _source.Reset();
        Commit = null;
        _group.Recycle(this);
        return result;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Withdraw()
    {
        if (_group.TryRemove(this))
            Complete(new CommitResult(CommitOutcome.NotCommitted));
    }
}
