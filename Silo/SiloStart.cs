namespace OrleansSagas.Silo;

/// <summary>Starts the silo with all that belongs to it, or nothing.</summary>
internal static class SiloStart
{
    /// <summary>
    /// Starts the host. Where part of it does not start, the rest is stopped before the failure is thrown: the host itself would dispose of
    /// what a silo that stops still needs.
    /// </summary>
    public static async Task StartOrStopAsync(this WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception failure)
        {
            // Whoever starts it reads why it did not start, and not what Orleans says of a silo that is half started when it is disposed
            // of.
            if (StartupErrors.Explain(failure) is not null)
                Silence(app.Configuration);
            await StopAsync(app);
            throw;
        }
    }

    private static async Task StopAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync();
        }
        catch (InvalidOperationException)
        {
            // Orleans does not stop a silo that has not started in full. Nothing runs on it, and it is disposed of.
        }
    }

    /// <summary>Turns every level of the log off, from now on.</summary>
    private static void Silence(IConfiguration settings)
    {
        var levels = settings
            .GetSection("Logging")
            .AsEnumerable()
            .Where(setting => setting.Key.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase));
        ((IConfigurationBuilder)settings).AddInMemoryCollection(
            levels.Select(setting => KeyValuePair.Create(setting.Key, (string?)nameof(LogLevel.None)))
        );
    }
}
