namespace OrleansSagas.Testing;

/// <summary>A task scheduler that runs one turn at a time, when it is told to, and in the order that it is told.</summary>
/// <param name="pick">Which of the turns that are ready runs next, given how many there are; null for the one that waits longest.</param>
/// <param name="inline">Whether a turn that could run inside the one that made it ready does so; null for never.</param>
internal sealed class TurnScheduler(Func<int, int>? pick = null, Func<bool>? inline = null) : TaskScheduler
{
    private readonly Lock _gate = new();
    private readonly List<Task> _ready = [];
    private readonly Queue<Task> _inOrder = new();
    private int _runner = -1;

    /// <summary>Called, on whatever thread it was, when a turn becomes ready.</summary>
    public Action? OnReady { get; set; }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>How many turns are ready.</summary>
    public int Ready
    {
        get
        {
            lock (_gate)
                return _ready.Count + _inOrder.Count;
        }
    }

    /// <summary>Whether the calling thread is in a turn of this scheduler.</summary>
    public bool IsInTurn => _runner == Environment.CurrentManagedThreadId;

    /// <summary>Runs one turn; false when none is ready.</summary>
    public bool RunOne()
    {
        if (Take() is not { } task)
            return false;
        var before = _runner;
        _runner = Environment.CurrentManagedThreadId;
        try
        {
            _ = TryExecuteTask(task);
        }
        finally
        {
            _runner = before;
        }

        return true;
    }

    /// <summary>Forgets all turns that are ready.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _ready.Clear();
            _inOrder.Clear();
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            if (pick is null)
                _inOrder.Enqueue(task);
            else
                _ready.Add(task);
        }

        OnReady?.Invoke();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && IsInTurn && inline?.Invoke() == true && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
            return [.. _inOrder, .. _ready];
    }

#pragma warning disable VSTHRD200, MA0022 // a task to run, not to await
    private Task? Take()
    {
        lock (_gate)
        {
            if (pick is null)
                return _inOrder.TryDequeue(out var first) ? first : null;
            if (_ready.Count == 0)
                return null;
            var index = pick(_ready.Count);
            var task = _ready[index];
            _ready[index] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            return task;
        }
    }
#pragma warning restore VSTHRD200, MA0022
}
