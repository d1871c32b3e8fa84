namespace OrleansSagas.Tests;

/// <summary>The thread pool with a gate: while it is held, nothing that the engine starts runs, so that a test decides what goes into one batch.</summary>
internal sealed class HeldScheduler : TaskScheduler
{
    private readonly Lock _gate = new();
    private readonly Queue<Task> _waiting = new();
    private bool _held;

    public void Hold()
    {
        lock (_gate)
            _held = true;
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

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            if (_held)
                _waiting.Enqueue(task);
            else
                Dispatch(task);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private void Dispatch(Task task) => ThreadPool.UnsafeQueueUserWorkItem(static s => s.self.TryExecuteTask(s.task), (self: this, task), preferLocal: false);
}
