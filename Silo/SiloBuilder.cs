using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using OrleansSagas.Http;
using OrleansSagas.Silo.Access;

namespace OrleansSagas.Silo;

/// <summary>The web host with the silo's own defaults: where to listen, what to bear, how to log.</summary>
internal static class SiloBuilder
{
    private const string DefaultUrl = "http://127.0.0.1:5080";
    private const long DrainedBytes = 30_000_000;

    public static WebApplicationBuilder Create(string[] args)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions
            {
                // Watching the settings' directory for changes means being told of every write to a database below it.
                Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],
                ApplicationName = typeof(Program).Assembly.GetName().Name,
                ContentRootPath = AppContext.BaseDirectory,
            }
        );
        if (ListenAddresses.Of(builder.Configuration).Count == 0)
            builder.WebHost.UseUrls(DefaultUrl);

        builder
            .Logging.ClearProviders()
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.UseUtcTimestamp = true;
            });
        builder.Services.AddOptions<SiloOptions>().BindConfiguration(SiloOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<SagaHttpOptions>, IOptions<SiloOptions>>(Bound);
        return builder;
    }

    private static void Bound(KestrelServerOptions kestrel, IOptions<SagaHttpOptions> http, IOptions<SiloOptions> silo)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        // The door refuses a large body itself. Kestrel must bear with the rest of it for a moment (it drains for five seconds
        // at most): where it resets the connection instead, the caller may never read why.
        limits.MaxRequestBodySize = Math.Max(DrainedBytes, http.Value.MaxBodyBytes);
        // An id of 10,000 characters, each of them escaped, must reach what can say why it is refused.
        limits.MaxRequestLineSize = 32 * 1024;
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MaxConcurrentConnections = silo.Value.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
    }
}
