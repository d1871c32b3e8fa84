using System.Net;

namespace OrleansSagas.Silo.Access;

/// <summary>Where the silo is configured to listen, found as the framework finds it.</summary>
internal static class ListenAddresses
{
    /// <summary>The configured addresses; empty where none is.</summary>
    public static IReadOnlyList<string> Of(IConfiguration settings)
    {
        List<string> endpoints =
        [
            .. settings.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>(),
        ];
        List<string> urls = [.. Split(settings["urls"])];
        // The ports count only where no URL is given, and are opened on every address.
        if (urls.Count == 0)
            urls =
            [
                .. Split(settings["http_ports"]).Select(port => $"http://*:{port}"),
                .. Split(settings["https_ports"]).Select(port => $"https://*:{port}"),
            ];
        return [.. endpoints, .. urls];
    }

    /// <summary>
    /// Whether only this machine can reach <paramref name="url"/>. A name other than localhost is no name to the server: it listens
    /// everywhere.
    /// </summary>
    /// <exception cref="FormatException">It is no address.</exception>
    public static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.IsUnixPipe
            || address.IsNamedPipe
            || string.Equals(address.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
    }

    private static string[] Split(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
