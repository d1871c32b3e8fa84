namespace OrleansSagas;

/// <summary>Runs one task at a time, on the threads of another scheduler: the turns of one saga where it has no grain.</summary>
/// <remarks>
/// What <see cref="ConcurrentExclusiveSchedulerPair"/> does too, for 4 KB and a dictionary's worth of state a saga: every saga has one of
/// these.
/// </remarks>
internal sealed class SerialScheduler(TaskScheduler threads) : TaskScheduler, IThreadPoolWorkItem
{
    private readonly Queue<Task> _tasks = new();
    private bool _isRunning;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs tasks until none is left.</summary>
    public void Execute()
    {
        while (true)
        {
            Task? task;
            lock (_tasks)
            {
                if (!_tasks.TryDequeue(out task))
                {
                    _isRunning = false;
                    return;
                }
            }

            TryExecuteTask(task);
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_tasks)
        {
            _tasks.Enqueue(task);
            if (_isRunning)
                return;
            _isRunning = true;
        }

        if (ReferenceEquals(threads, Default))
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        else
            SagaRuntime.Begin(threads, static turns => turns.Execute(), this);
    }

    // Another thread may run a task of this scheduler at this moment.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_tasks)
            return [.. _tasks];
    }
}
