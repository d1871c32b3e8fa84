using System.Net;
using Microsoft.Extensions.Options;

namespace OrleansSagas.Silo.Engine;

internal sealed class ClusterSettingsValidator : IValidateOptions<ClusterSettings>
{
    private const int MaxPort = 65_535;

    public ValidateOptionsResult Validate(string? name, ClusterSettings options)
    {
        var failures = new List<string>();
        if (string.IsNullOrWhiteSpace(options.ClusterId) || string.IsNullOrWhiteSpace(options.ServiceId))
            failures.Add("Cluster:ClusterId or Cluster:ServiceId is empty: give both a name, or leave them out.");
        if (options.Address != ClusterSettings.OwnAddress && !IPAddress.TryParse(options.Address, out _))
            failures.Add($"Cluster:Address is '{options.Address}': set the IP address at which other silos reach this one, or \"*\".");
        if (options.SiloPort is < 1 or > MaxPort)
            failures.Add($"Cluster:SiloPort is {options.SiloPort}: set it from 1 to {MaxPort}, or leave it out.");
        if (options.GatewayPort is < 0 or > MaxPort)
            failures.Add($"Cluster:GatewayPort is {options.GatewayPort}: set it from 1 to {MaxPort}, or 0 for none.");
        if (options.Partitions < 1)
            failures.Add($"Cluster:Partitions is {options.Partitions}: set it to 1 or more, or leave it out.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
