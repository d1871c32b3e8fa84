namespace OrleansSagas.Storage;

/// <summary>The commits that no batch has taken yet, in the order in which they came. The group's lock guards it.</summary>
internal sealed class CommitQueue(GroupCommit group)
{
    private const int MaxPooled = 4096;

    private readonly Stack<WaitingCommit> _pool = new();
    private WaitingCommit? _first;
    private WaitingCommit? _last;
    private int _count;

    /// <summary>How many there are; may be read without the lock.</summary>
    internal int Count => Volatile.Read(ref _count);

    internal WaitingCommit Append(SagaCommit commit, long? at)
    {
        var waiting = _pool.TryPop(out var pooled) ? pooled : new WaitingCommit(group);
        waiting.Begin(commit, at);
        waiting.IsWaiting = true;
        waiting.Previous = _last;
        if (_last is null)
            _first = waiting;
        else
            _last.Next = waiting;
        _last = waiting;
        Volatile.Write(ref _count, _count + 1);
        return waiting;
    }

    /// <summary>The one that has waited longest; null if none waits.</summary>
    internal WaitingCommit? Take()
    {
        var waiting = _first;
        if (waiting is not null)
            Unlink(waiting);
        return waiting;
    }

    internal bool TryRemove(WaitingCommit waiting)
    {
        if (!waiting.IsWaiting)
            return false;
        Unlink(waiting);
        return true;
    }

    internal void Recycle(WaitingCommit waiting)
    {
        if (_pool.Count < MaxPooled)
            _pool.Push(waiting);
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
        Volatile.Write(ref _count, _count - 1);
    }
}
