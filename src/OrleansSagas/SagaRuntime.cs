namespace OrleansSagas;

/// <summary>What the engine may know of the outside world: where to run, what time it is, and fresh ids.
/// Everything that decides runs on these three, so that a simulation can own every interleaving.</summary>
public sealed class SagaRuntime
{
    /// <summary>The thread pool, the system's clock and random ids.</summary>
    public static SagaRuntime System { get; } = new(TaskScheduler.Default, TimeProvider.System, new SystemSagaIds());

    /// <summary>Takes the three.</summary>
    public SagaRuntime(TaskScheduler scheduler, TimeProvider clock, ISagaIds ids)
    {
        Scheduler = scheduler;
        Clock = clock;
        Ids = ids;
    }

    /// <summary>Where owners, the engine and the batching half of the group commit run.</summary>
    public TaskScheduler Scheduler { get; }

    /// <summary>The clock and its timers.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Fresh ids.</summary>
    public ISagaIds Ids { get; }

    /// <summary>What a simulation answers instead of <see cref="MayShareTurns"/>; null elsewhere.</summary>
    internal Func<bool>? SharesTurns { get; init; }

    /// <summary>Whether work that may block can share a turn of the scheduler with ours: on the thread pool it holds up nobody, on a grain's scheduler it would hold up the grain.</summary>
    internal bool MayShareTurns => SharesTurns?.Invoke() ?? ReferenceEquals(Scheduler, TaskScheduler.Default) && ReferenceEquals(TaskScheduler.Current, TaskScheduler.Default);

    /// <summary>Starts <paramref name="work"/> on <see cref="Scheduler"/>; awaits inside it come back there.</summary>
    public Task Start(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler).Unwrap();

    /// <summary>Starts <paramref name="work"/> on <see cref="Scheduler"/>, outside the caller's ambient context; nobody awaits it, and it must not throw.</summary>
    internal void Begin<T>(Action<T> work, T state)
        where T : class
    {
        if (ReferenceEquals(Scheduler, TaskScheduler.Default))
        {
            ThreadPool.UnsafeQueueUserWorkItem(work, state, preferLocal: false);
            return;
        }

        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
            _ = Task.Factory.StartNew(held => work((T)held!), state, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler);
    }
}
