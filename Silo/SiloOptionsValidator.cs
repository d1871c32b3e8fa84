using Microsoft.Extensions.Options;

namespace OrleansSagas.Silo;

internal sealed class SiloOptionsValidator : IValidateOptions<SiloOptions>
{
    public ValidateOptionsResult Validate(string? name, SiloOptions options) =>
        options.MaxConnections < 1
            ? ValidateOptionsResult.Fail($"Silo:MaxConnections is {options.MaxConnections}: set it to 1 or more.")
            : ValidateOptionsResult.Success;
}
