using System.Diagnostics;
using OrleansSagas.Client;
using OrleansSagas.TestKit;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests.Cluster;

/// <summary>Two clusters over one PostgreSQL: the second is refused until the first is dead.</summary>
[Collection(nameof(RunsAlone))]
public sealed class TwoClustersTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Start_OverTheDatabaseOfAnotherCluster_IsRefusedAndGoesOnWhenThatWasKilled()
    {
        Assert.SkipWhen(ThrowawayPostgres.Obstacle is not null, ThrowawayPostgres.Obstacle ?? "");
        await using var database = await ThrowawayPostgres.StartAsync();
        using var one = Place(database, "one");
        using var two = Place(database, "two", one.Data); // the shop's books are the same
        await using var first = await SiloProcess.StartReadyAsync(one);
        var order = await one.Client().StartAsync("order", SampleOrders.Slow(2));

        await using (var refused = SiloProcess.Start(two))
            Assert.NotEqual(0, await refused.ExitAsync(Patience));
        var words = await File.ReadAllTextAsync(two.LogFile);
        Assert.Contains("is held by another cluster, 'one' of the service 'sagas'", words, StringComparison.Ordinal);
        Assert.Contains("this silo is of the cluster 'two' of the service 'sagas'", words, StringComparison.Ordinal);

        await first.KillAsync();
        var clock = Stopwatch.StartNew();
        await using var second = await SiloProcess.StartReadyAsync(two);
        output.WriteLine($"The second cluster was ready {clock.Elapsed.TotalSeconds:0.0} s after the first was killed.");
        Assert.Equal(SagaStatus.Completed, (await two.Client().Get(order.Id).WaitAsync(Patience)).Status);
        output.WriteLine($"The saga of the first had ended {clock.Elapsed.TotalSeconds:0.0} s after it.");
    }

    private static SiloPlace Place(ThrowawayPostgres database, string cluster, string? data = null) =>
        new() { Data = data!, Arguments = ["--ConnectionStrings:Sagas", database.ConnectionString, "--Cluster:ClusterId", cluster] };
}
