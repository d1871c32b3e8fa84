using OrleansSagas.Execution;

namespace OrleansSagas;

/// <summary>What the engine may know of the outside world: where to run, what time it is, and fresh ids.
/// Everything that decides runs on these three, so that a simulation can own every interleaving.</summary>
internal sealed class SagaRuntime
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

    /// <summary>A scheduler that runs one task at a time: the turns of one saga, where it has no grain.</summary>
    internal TaskScheduler NewTurns() => Scheduler.MaximumConcurrencyLevel == 1 ? Scheduler : new SerialScheduler(Scheduler);

    /// <summary>Starts <paramref name="work"/> on <see cref="Scheduler"/>; awaits inside it come back there.</summary>
#pragma warning disable VSTHRD200 // it starts, as Task.Factory.StartNew does
    public Task Start(Func<Task> work) =>
#pragma warning restore VSTHRD200
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler).Unwrap();

    /// <summary>
    /// Starts <paramref name="work"/> on <see cref="Scheduler"/>, outside the caller's ambient context; nobody awaits it, and it must not
    /// throw.
    /// </summary>
    internal void Begin<T>(Action<T> work, T state)
        where T : class => Begin(Scheduler, work, state);

    /// <summary>As <see cref="Begin{T}(Action{T}, T)"/>, and on the thread pool before what waits there already.</summary>
    internal void BeginNext<T>(Action<T> work, T state)
        where T : class => Begin(Scheduler, work, state, preferLocal: true);

    /// <summary>
    /// Starts <paramref name="work"/> on <paramref name="scheduler"/>, outside the caller's ambient context; nobody awaits it, and it must
    /// not throw.
    /// </summary>
    internal static void Begin<T>(TaskScheduler scheduler, Action<T> work, T state, bool preferLocal = false)
        where T : class
    {
        if (ReferenceEquals(scheduler, TaskScheduler.Default))
        {
            ThreadPool.UnsafeQueueUserWorkItem(work, state, preferLocal);
            return;
        }

        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
            _ = Task.Factory.StartNew(
                static begun => ((Begun<T>)begun!).Run(),
                new Begun<T>(work, state),
                CancellationToken.None,
                TaskCreationOptions.DenyChildAttach,
                scheduler
            );
    }

    private sealed class Begun<T>(Action<T> work, T state)
    {
        public void Run() => work(state);
    }
}
