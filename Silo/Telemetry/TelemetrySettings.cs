using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;

namespace OrleansSagas.Silo.Telemetry;

/// <summary>The section <c>Telemetry</c> of the settings: where metrics and traces go. Default: nowhere.</summary>
internal sealed class TelemetrySettings
{
    /// <summary>Whether Prometheus may fetch the metrics at <c>/metrics</c>. Default: false.</summary>
    public bool Prometheus { get; set; }

    /// <summary>Where they are sent by OTLP.</summary>
    public OtlpSettings Otlp { get; set; } = new();

    /// <exception cref="OptionsValidationException">A setting cannot be used; the message names it.</exception>
    public static TelemetrySettings Read(IConfiguration settings)
    {
        var telemetry = settings.GetSection("Telemetry").Get<TelemetrySettings>() ?? new TelemetrySettings();
        telemetry.Otlp.Endpoint = First(telemetry.Otlp.Endpoint, settings["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        return telemetry.Validated(new TelemetrySettingsValidator());
    }

    private static string? First(string? one, string? other) =>
        !string.IsNullOrWhiteSpace(one) ? one
        : !string.IsNullOrWhiteSpace(other) ? other
        : null;

    /// <summary>The part <c>Telemetry:Otlp</c>.</summary>
    internal sealed class OtlpSettings
    {
        /// <summary>
        /// The collector's address. What the variable OTEL_EXPORTER_OTLP_ENDPOINT says, as Aspire sets it, is taken where this is empty.
        /// </summary>
        public string? Endpoint { get; set; }

        /// <summary>Grpc or HttpProtobuf. Default: what OTEL_EXPORTER_OTLP_PROTOCOL says, else Grpc.</summary>
        public OtlpExportProtocol? Protocol { get; set; }
    }
}
