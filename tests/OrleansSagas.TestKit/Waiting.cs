namespace OrleansSagas.TestKit;

/// <summary>Waits that end with a word about what was awaited.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

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
}
