namespace OrleansSagas;

/// <summary>Repeats a call that is not taken now, or that nobody answers. Every repeat has the request id of the first.</summary>
internal static class TransientRetry
{
    /// <summary>For how long.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <param name="call">Makes the call once; what may be repeated it throws as <see cref="SagaUnavailableException"/>.</param>
    /// <param name="clock">Tells how long it has been.</param>
    /// <param name="pause">The pause between two calls.</param>
    /// <param name="cancellation">Ends the repeating; it takes back nothing that was asked for.</param>
    public static async Task<T> RunAsync<T>(Func<Task<T>> call, TimeProvider clock, TimeSpan pause, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return await call();
            }
            catch (SagaUnavailableException) when (clock.GetElapsedTime(began) < Limit) { }
            await Task.Delay(pause, clock, cancellation);
        }
    }
}
