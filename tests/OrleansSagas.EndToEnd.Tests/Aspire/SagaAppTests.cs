using System.Globalization;
using Npgsql;
using OrleansSagas.TestKit;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests.Aspire;

/// <summary>What the AppHost of samples/Aspire gives to a silo, and what a silo makes of it.</summary>
public sealed class SagaAppTests
{
    private const string Connection = "Host=127.0.0.1;Port=1;Database=postgres;Username=sagas";

    /// <summary>The names and values that docs/orleans.md lists.</summary>
    [Theory]
    [InlineData(Connection)]
    [InlineData(null)]
    public async Task Variables_WithAConnectionStringAndWithAContainer_AreThoseThatTheSiloReads(string? connection)
    {
        using var place = new SiloPlace { HasDefaultPorts = true };
        var given = await SagaAppModel.VariablesAsync(place, connection);

        var expected = new Dictionary<string, string>
        {
            ["Orleans__ClusterId"] = "sagas",
            ["Orleans__ServiceId"] = "sagas",
            ["Orleans__EnableDistributedTracing"] = "true",
            ["Orleans__Clustering__ProviderType"] = "PostgresDatabase",
            ["Orleans__Clustering__ServiceKey"] = "sagas",
            ["Orleans__Reminders__ProviderType"] = "PostgresDatabase",
            ["Orleans__Reminders__ServiceKey"] = "sagas",
            ["Orleans__Endpoints__SiloPort"] = place.ClusterPorts.Silo.ToString(CultureInfo.InvariantCulture),
            ["Orleans__Endpoints__GatewayPort"] = place.ClusterPorts.Gateway.ToString(CultureInfo.InvariantCulture),
        };
        Assert.Equal(
            expected.OrderBy(one => one.Key),
            given.Where(one => one.Key.StartsWith("Orleans__", StringComparison.Ordinal)).OrderBy(one => one.Key)
        );
        Assert.Equal($"http://localhost:{place.Port}", given["ASPNETCORE_URLS"]);
        if (connection is not null)
            Assert.Equal(connection, given["ConnectionStrings__sagas"]);
        else
            Assert.Contains("Database=sagas", given["ConnectionStrings__sagas"], StringComparison.Ordinal);
    }

    /// <summary>
    /// Two silos with what Aspire gives to two replicas; one of them is told something else by the section Cluster too, which is not heard.
    /// </summary>
    [Fact]
    public async Task Start_OfTwoSilosWithTheseVariables_IsOneCluster()
    {
        Assert.SkipWhen(ThrowawayPostgres.Obstacle is not null, ThrowawayPostgres.Obstacle ?? "");
        await using var server = await ThrowawayPostgres.StartAsync();
        using var left = new SiloPlace { HasDefaultPorts = true };
        using var right = new SiloPlace
        {
            HasDefaultPorts = true,
            Data = left.Directory,
            Arguments =
            [
                "--Cluster:ClusterId",
                "other",
                "--Cluster:ServiceId",
                "other",
                "--Cluster:SiloPort",
                "1",
                "--Cluster:GatewayPort",
                "2",
            ],
        };
        foreach (var place in (SiloPlace[])[left, right])
            place.Variables = await SagaAppModel.VariablesAsync(place, server.ConnectionString);
        await using var first = SiloProcess.Start(left);
        await using var second = SiloProcess.Start(right);
        await Task.WhenAll(first.ReadyAsync(), second.ReadyAsync());

        Assert.Equal(
            ((SiloPlace[])[left, right]).Select(place => $"sagas 127.0.0.1 {place.ClusterPorts.Silo} {place.ClusterPorts.Gateway}").Order(),
            await ReadAsync(
                server,
                "SELECT concat_ws(' ', deploymentid, address, port, proxyport) FROM orleans.orleansmembershiptable WHERE status = 3 "
                    + "ORDER BY 1"
            )
        );
        var saga = await left.Client().StartAsync("order", SampleOrders.Order());
        await right.Client().Get(saga.Id).EndsAsync(SagaStatus.Completed);
        Assert.Equal(["sagas"], await ReadAsync(server, "SELECT DISTINCT serviceid FROM orleans.orleansreminderstable"));
        Assert.False(
            File.Exists(Path.Combine(left.Directory, "sagas.db")),
            "The silos were told to use PostgreSQL, and have made a SQLite file."
        );
        Assert.Equal((0, 0), (await first.TerminateAsync(SagaWaiting.Patience), await second.TerminateAsync(SagaWaiting.Patience)));
    }

    private static async Task<List<string>> ReadAsync(ThrowawayPostgres server, string query)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var command = source.CreateCommand(query);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
