using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using OrleansSagas.Silo;

namespace OrleansSagas.Http.Tests.Engine;

/// <summary>What a silo makes of the section Orleans of its settings, before it starts.</summary>
public sealed class OrleansSettingsTests
{
    private const string Sagas = "--ConnectionStrings:sagas=Host=127.0.0.1;Port=1;Database=sagas;Username=sagas";

    private static readonly string[] Clustering =
    [
        "--Orleans:Clustering:ProviderType=PostgresDatabase",
        "--Orleans:Clustering:ServiceKey=members",
        "--ConnectionStrings:members=Host=127.0.0.1;Database=members",
    ];

    private static readonly string[] Reminders =
    [
        "--Orleans:Reminders:ProviderType=PostgresDatabase",
        "--Orleans:Reminders:ServiceKey=clock",
        "--ConnectionStrings:clock=Host=127.0.0.1;Database=clock",
    ];

    /// <summary>
    /// Each of them is set up once, by the section where it says so and else by the silo, which creates the tables wherever they are.
    /// </summary>
    [Theory]
    [InlineData(false, false, "sagas", "sagas", 1)]
    [InlineData(true, false, "members", "sagas", 2)]
    [InlineData(false, true, "sagas", "clock", 2)]
    [InlineData(true, true, "members", "clock", 2)]
    public async Task Build_WithClusteringOrReminders_TakesThemFromThereAndTheRestFromTheSagas(
        bool hasClustering,
        bool hasReminders,
        string members,
        string clock,
        int schemas
    )
    {
        await using var app = Program.Build([Sagas, .. hasClustering ? Clustering : [], .. hasReminders ? Reminders : []]);

        Assert.Single(app.Services.GetServices<IMembershipTable>());
        Assert.Single(app.Services.GetServices<IReminderTable>());
        Assert.Equal((members, "orleans"), Place(Options<AdoNetClusteringSiloOptions>(app.Services).ConnectionString));
        Assert.Equal((clock, "orleans"), Place(Options<AdoNetReminderTableOptions>(app.Services).ConnectionString));
        Assert.Equal(
            schemas,
            app.Services.GetServices<ILifecycleParticipant<ISiloLifecycle>>().Count(part => part.GetType().Name == "OrleansSchema")
        );
    }

    [Fact]
    public async Task Build_WithIdsAndEndpointsInBothSections_TakesThoseOfOrleans()
    {
        await using var app = Program.Build([
            Sagas,
            "--Cluster:ClusterId=c",
            "--Cluster:ServiceId=c",
            "--Cluster:SiloPort=1",
            "--Cluster:GatewayPort=2",
            "--Cluster:Address=192.0.2.1",
            "--Orleans:ClusterId=o",
            "--Orleans:ServiceId=o",
            "--Orleans:Endpoints:SiloPort=3",
            "--Orleans:Endpoints:GatewayPort=4",
            "--Orleans:Endpoints:AdvertisedIPAddress=192.0.2.2",
        ]);

        var cluster = Options<ClusterOptions>(app.Services);
        Assert.Equal(("o", "o"), (cluster.ClusterId, cluster.ServiceId));
        var endpoints = Options<EndpointOptions>(app.Services);
        Assert.Equal((3, 4, IPAddress.Parse("192.0.2.2")), (endpoints.SiloPort, endpoints.GatewayPort, endpoints.AdvertisedIPAddress));
    }

    /// <summary>Of what Orleans is not told there, the section Cluster speaks.</summary>
    [Fact]
    public async Task Build_WithSomeOfItInOrleans_TakesTheRestOfCluster()
    {
        await using var app = Program.Build([
            Sagas,
            "--Cluster:ClusterId=c",
            "--Cluster:SiloPort=1",
            "--Cluster:GatewayPort=2",
            "--Orleans:ServiceId=o",
            "--Orleans:Endpoints:GatewayPort=4",
        ]);

        var cluster = Options<ClusterOptions>(app.Services);
        Assert.Equal(("c", "o"), (cluster.ClusterId, cluster.ServiceId));
        var endpoints = Options<EndpointOptions>(app.Services);
        Assert.Equal((1, 4, IPAddress.Loopback), (endpoints.SiloPort, endpoints.GatewayPort, endpoints.AdvertisedIPAddress));
    }

    [Fact]
    public async Task Build_WithListeningEndpoints_ListensThereAtAnyAddressOfTheMachine()
    {
        await using var app = Program.Build([
            Sagas,
            "--Cluster:Address=*",
            "--Cluster:SiloPort=1",
            "--Orleans:Endpoints:SiloListeningEndpoint=0.0.0.0:5",
        ]);

        Assert.Equal(new IPEndPoint(IPAddress.Any, 5), Options<EndpointOptions>(app.Services).SiloListeningEndpoint);
    }

    private static T Options<T>(IServiceProvider services)
        where T : class => services.GetRequiredService<IOptions<T>>().Value;

    private static (string? Database, string? Schema) Place(string? connection)
    {
        var place = new NpgsqlConnectionStringBuilder(connection);
        return (place.Database, place.SearchPath);
    }
}
