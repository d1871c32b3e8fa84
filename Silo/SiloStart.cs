using Orleans.Runtime;

namespace OrleansSagas.Silo;

/// <summary>Starts the silo with all that belongs to it, or nothing.</summary>
internal static partial class SiloStart
{
    /// <summary>Starts the host. Where part of it does not start, the rest is stopped before the failure is thrown: the host itself would dispose of what
    /// a silo that stops still needs, and the silo would report that as failures of its own, with their stack traces.</summary>
    public static async Task StartOrStopAsync(this WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await StopAsync(app);
            throw;
        }
    }

    private static async Task StopAsync(WebApplication app)
    {
        try
        {
            try
            {
                await app.StopAsync();
            }
            catch (InvalidOperationException)
            {
                // Orleans refuses to stop a silo that has not started in full.
                await app.Services.GetRequiredService<ISiloLifecycleSubject>().OnStop(CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            // Why it did not start is what the person who starts it needs to read.
            LogNotStopped(app.Logger, exception);
        }
    }

    [LoggerMessage(60, LogLevel.Debug, "What had started did not stop in good order.")]
    private static partial void LogNotStopped(ILogger logger, Exception exception);
}
