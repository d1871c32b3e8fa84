using Microsoft.Extensions.Options;

namespace OrleansSagas.Silo.Telemetry;

internal sealed class TelemetrySettingsValidator : IValidateOptions<TelemetrySettings>
{
    public ValidateOptionsResult Validate(string? name, TelemetrySettings options) =>
        options.Otlp.Endpoint is { } endpoint
        && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            ? ValidateOptionsResult.Fail(
                $"Telemetry:Otlp:Endpoint is '{endpoint}', which is no address: set one such as http://127.0.0.1:4317, or none."
            )
            : ValidateOptionsResult.Success;
}
