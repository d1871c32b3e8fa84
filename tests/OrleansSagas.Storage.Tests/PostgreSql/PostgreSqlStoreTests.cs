using System.Diagnostics;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql;
using OrleansSagas.Storage.Tests.Conformance;

namespace OrleansSagas.Storage.Tests.PostgreSql;

/// <summary>What is special about a store in PostgreSQL.</summary>
public abstract class PostgreSqlStoreTests : SagaStoreFixture
{
    private readonly PostgresFixture? _postgres;

    /// <summary>On the server of the assembly; null where the tests bring their own.</summary>
    protected PostgreSqlStoreTests(PostgresFixture? postgres) => _postgres = postgres;

    internal PostgresPlace Place { get; private set; } = null!;

    private protected PostgreSqlSagaStore Postgres => (PostgreSqlSagaStore)Store;

    public override async ValueTask InitializeAsync()
    {
        Place = await MakePlaceAsync();
        await base.InitializeAsync();
    }

    internal virtual Task<PostgresPlace> MakePlaceAsync() => _postgres!.NewPlaceAsync();

    private protected override ISagaStore CreateStore(SagaRuntime runtime) => new PostgreSqlSagaStore(Place.Options, runtime);

    protected override async ValueTask RemovePlaceAsync() => await Place.RemoveAsync();

    /// <summary>Waits until the store says that it can take commits, or that it cannot.</summary>
    protected async Task HealthBecomesAsync(bool healthy, TimeSpan? patience = null)
    {
        var clock = Stopwatch.StartNew();
        while (Store.Health.IsHealthy != healthy)
        {
            if (clock.Elapsed > (patience ?? TimeSpan.FromSeconds(30)))
                throw new TimeoutException(
                    $"Waited {clock.Elapsed.TotalSeconds:0} s for health to become {healthy}; it says: {Store.Health.Problem ?? "healthy"}"
                );
            await Task.Delay(10);
        }
    }
}
