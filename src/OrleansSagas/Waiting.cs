namespace OrleansSagas;

/// <summary>
/// Waits that stay on the caller's scheduler. <c>WaitAsync</c>, <c>WhenAny</c>, <c>WhenAll</c> and semaphores answer through the thread
/// pool, where no simulation can follow.
/// </summary>
internal static class Waiting
{
    /// <summary>Waits until <paramref name="task"/> is complete, however it ended.</summary>
    /// <param name="task">What to wait for.</param>
    /// <param name="longest">For how long; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="clock">What measures it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether it is complete; false when the time is up.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled first.</exception>
    public static async Task<bool> ForAsync(Task task, TimeSpan longest, TimeProvider clock, CancellationToken cancellation)
    {
        if (task.IsCompleted)
            return true;
        cancellation.ThrowIfCancellationRequested();
        if (longest == TimeSpan.Zero)
            return false;

        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = clock.CreateTimer(
            static over => ((TaskCompletionSource)over!).TrySetResult(),
            over,
            longest,
            Timeout.InfiniteTimeSpan
        );
        using var registration = cancellation.UnsafeRegister(static over => ((TaskCompletionSource)over!).TrySetResult(), over);
        _ = TellAsync(task, over);
        await over.Task;
        if (!task.IsCompleted)
            cancellation.ThrowIfCancellationRequested();
        return task.IsCompleted;
    }

    private static async Task TellAsync(Task task, TaskCompletionSource over)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        over.TrySetResult();
    }
}
