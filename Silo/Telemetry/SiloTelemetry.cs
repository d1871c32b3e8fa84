using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OrleansSagas.Silo.Telemetry;

/// <summary>Sends the silo's metrics and traces where its settings say. Where they say nothing, nothing listens.</summary>
internal static class SiloTelemetry
{
    private const string MetricsPath = "/metrics";
    private const string ServiceName = "orleanssagas-silo";

    private static readonly string[] Meters =
    [
        "OrleansSagas",
        "Microsoft.Orleans",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Runtime",
        "Npgsql",
    ];

    /// <summary>Adds what the settings ask for.</summary>
    public static void AddSiloTelemetry(this IServiceCollection services, IConfiguration settings)
    {
        var telemetry = TelemetrySettings.Read(settings);
        if (!telemetry.Prometheus && telemetry.Otlp.Endpoint is null)
            return;
        var open = services.AddOpenTelemetry();
        if (string.IsNullOrEmpty(settings["OTEL_SERVICE_NAME"]))
            open.ConfigureResource(resource => resource.AddService(ServiceName));
        open.WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters);
            if (telemetry.Prometheus)
                metrics.AddPrometheusExporter();
            if (telemetry.Otlp.Endpoint is not null)
                metrics.AddOtlpExporter(otlp => Send(otlp, telemetry.Otlp, "v1/metrics"));
        });
        if (telemetry.Otlp.Endpoint is not null)
            open.WithTracing(traces =>
                traces
                    .AddSource("OrleansSagas", "Microsoft.AspNetCore", "Npgsql")
                    .AddOtlpExporter(otlp => Send(otlp, telemetry.Otlp, "v1/traces"))
            );
    }

    /// <summary>Lets Prometheus fetch the metrics, where the settings say so: under the rules of access, as everything else.</summary>
    public static void MapSiloTelemetry(this WebApplication app)
    {
        if (TelemetrySettings.Read(app.Configuration).Prometheus)
            app.MapPrometheusScrapingEndpoint(MetricsPath).DisableHttpMetrics();
    }

    private static void Send(OtlpExporterOptions otlp, TelemetrySettings.OtlpSettings settings, string path)
    {
        if (settings.Protocol is { } protocol)
            otlp.Protocol = protocol;
        var address = new Uri(settings.Endpoint!);

        // By HTTP each kind has a path of its own; an address that is set in code is taken as it is.
        otlp.Endpoint = otlp.Protocol == OtlpExportProtocol.HttpProtobuf ? new Uri($"{address.AbsoluteUri.TrimEnd('/')}/{path}") : address;
    }
}
