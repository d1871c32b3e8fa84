namespace OrleansSagas.TestKit;

/// <summary>Waits that end with a word about what was awaited.</summary>
internal static class Wait
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookDeadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(1);

    public static async Task<T> For<T>(this Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {Deadline.TotalSeconds} s for {what}.");
        }
    }

    public static async Task For(this Task task, string what) =>
        await task.ContinueWith(
                t =>
                {
                    t.GetAwaiter().GetResult();
                    return true;
                },
                TaskScheduler.Default
            )
            .For(what);

    /// <summary>Waits until something holds of which no task tells, such as a saga's leaving the memory.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > LookDeadline)
                throw new TimeoutException($"Waited {LookDeadline.TotalSeconds} s for {what}.");
            await Task.Delay(Glance);
        }
    }
}
