using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql;
using OrleansSagas.Storage.Tests.Conformance;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.PostgreSql;

/// <summary>The one suite for every store that a cluster can hold, on PostgreSQL.</summary>
public sealed class PostgreSqlClusterConformanceTests(PostgresFixture postgres) : SagaClusterStoreConformance
{
    private PostgresPlace? _place;

    public override async ValueTask InitializeAsync()
    {
        _place = await postgres.NewPlaceAsync();
        await base.InitializeAsync();
    }

    [Fact]
    public async Task Join_WhenAnotherClusterIsDead_ShutsItOutAndTakesOver()
    {
        // What a kill leaves: the rows, and no session.
        await _place!.RunAsync(
            "INSERT INTO engine (incarnation, mode, name, cluster_id, service_id, partitions) VALUES (1000, 'cluster', 'dead', "
                + "'there', 'orders', 4)"
        );
        await CommittedAsync(Start(Key("a"), Running with { Owner = new Incarnation(1000) }));
        await Store.DisposeAsync();
        var began = Environment.TickCount64;

        await ReopenAsync();

        // As long as it might have been one that had lost its connection and comes back.
        Assert.InRange(Environment.TickCount64 - began, 5_000, 15_000);
        Assert.Equal(["first"], (await ((ISagaClusterStore)Store).ListMembersAsync(default)).Select(m => m.Name));
        Assert.Equal(
            "a",
            Assert.Single(await Store.FindOrphansAsync(SagaPartition.All, [Opened.Incarnation], null, 10, default)).Key.Id.Value
        );
        Assert.Equal(1L, await _place.RunAsync("SELECT count(*) FROM engine"));
    }

    [Fact]
    public async Task Join_WhenAnotherClusterOnlyLostItsConnections_IsRefused()
    {
        await CommittedAsync(Start(Key("a")));
        using var over = new CancellationTokenSource();
        await using var other = (ISagaClusterStore)CreateStore(Runtime);
        var joining = Task.Run(() =>
            other.JoinAsync(new JoiningEngine("other", new ClusterIdentity("there", "orders"), 4, [OrderPlan]), default)
        );
        var failing = Task.Run(async () =>
        {
            // As where a server fails over, again and again.
            while (!over.IsCancellationRequested)
            {
                await _place!.RunAsync(
                    "SELECT pg_terminate_backend(a.pid) FROM writer w JOIN pg_stat_activity a ON a.pid = w.session AND a.backend_start "
                        + "= w.session_began"
                );
                await Task.Delay(700);
            }
        });

        await Assert.ThrowsAsync<StoreException>(() => joining.For("the other cluster's answer"));
        await over.CancelAsync();
        await failing;
        await _place!.HoldsAsync("EXISTS (SELECT 1 FROM engine)");
        for (var i = 0; i < 1000 && !Store.Health.IsHealthy; i++)
            await Task.Delay(10);
        await CommittedAsync(Start(Key("b")));
    }

    private protected override ISagaStore CreateStore(SagaRuntime runtime) => new PostgreSqlSagaStore(_place!.Options, runtime);

    protected override Task<IAsyncDisposable> StallWritesAsync() => _place!.StallWritesAsync();

    protected override Task SomeoneIsStalledAsync() => _place!.AreStalledAsync(1);

    protected override async ValueTask RemovePlaceAsync() => await _place!.RemoveAsync();
}
