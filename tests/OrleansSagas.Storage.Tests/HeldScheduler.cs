namespace OrleansSagas.Storage.Tests;

/// <summary>
/// The thread pool with a gate: while it is held, nothing that the engine starts runs, so that a test decides what goes into one batch.
/// </summary>
internal sealed class HeldScheduler : TaskScheduler
{
    private readonly object _gate = new();
    private readonly Queue<Task> _waiting = new();
    private int _queued;
    private int _running;
    private bool _held;

    /// <summary>Returns when what runs has come to its end, so that nothing runs any more.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _held = true;
            while (_running > 0)
                _ = Monitor.Wait(_gate);
        }
    }

    /// <summary>Returns when nothing runs and nothing waits to run.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            while (_queued > 0)
                _ = Monitor.Wait(_gate);
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            _held = false;
            while (_waiting.TryDequeue(out var task))
                Dispatch(task);
        }
    }

    protected override void QueueTask(Task task) => Dispatch(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private void Dispatch(Task task)
    {
        lock (_gate)
            _queued++;
        ThreadPool.UnsafeQueueUserWorkItem(static s => s.self.Run(s.task), (self: this, task), preferLocal: false);
    }

    private void Run(Task task)
    {
        lock (_gate)
        {
            if (_held)
            {
                _waiting.Enqueue(task);
                _queued--;
                Monitor.PulseAll(_gate);
                return;
            }

            _running++;
        }

        _ = TryExecuteTask(task);
        lock (_gate)
        {
            _running--;
            _queued--;
            Monitor.PulseAll(_gate);
        }
    }
}
