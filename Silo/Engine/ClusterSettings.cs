using Microsoft.Extensions.Options;

namespace OrleansSagas.Silo.Engine;

/// <summary>
/// The section <c>Cluster</c> of the settings. What the section <c>Orleans</c> says of the same, as Aspire gives it, goes before.
/// </summary>
internal sealed class ClusterSettings
{
    /// <summary>The <see cref="Address"/> of a silo that is reached at the address that its machine has in its network.</summary>
    public const string OwnAddress = "*";

    /// <summary>Silos with the same name find each other.</summary>
    public string ClusterId { get; set; } = "sagas";

    /// <summary>The application's name; it stays the same from release to release.</summary>
    public string ServiceId { get; set; } = "sagas";

    /// <summary>
    /// Where the other silos reach this one. The traffic is neither encrypted nor authenticated: keep it within a network of one's own.
    /// </summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>
    /// The port for other silos. Default: for a silo that is alone any free one, in a cluster 11111 or, where that is taken, any free one.
    /// </summary>
    public int? SiloPort { get; set; }

    /// <summary>The port for clients of the cluster; 0 for none. Default: 0.</summary>
    public int GatewayPort { get; set; }

    /// <summary>
    /// How many share the watch on the clock; the same on every silo. Default: 1 for a silo that is alone, 4 in a cluster.
    /// </summary>
    public int? Partitions { get; set; }

    /// <exception cref="OptionsValidationException">A setting cannot be used; the message names it.</exception>
    public static ClusterSettings Read(IConfiguration settings)
    {
        var cluster = settings.GetSection("Cluster").Get<ClusterSettings>() ?? new ClusterSettings();
        var orleans = settings.GetSection("Orleans");
        var endpoints = orleans.GetSection("Endpoints");
        cluster.ClusterId = orleans[nameof(ClusterId)] ?? cluster.ClusterId;
        cluster.ServiceId = orleans[nameof(ServiceId)] ?? cluster.ServiceId;
        cluster.Address = endpoints["AdvertisedIPAddress"] ?? cluster.Address;
        cluster.SiloPort = endpoints.GetValue(nameof(SiloPort), cluster.SiloPort);
        cluster.GatewayPort = endpoints.GetValue(nameof(GatewayPort), cluster.GatewayPort);
        return cluster.Validated(new ClusterSettingsValidator());
    }
}
