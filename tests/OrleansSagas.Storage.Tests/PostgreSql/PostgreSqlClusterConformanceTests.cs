using OrleansSagas.Storage.PostgreSql;
using OrleansSagas.Storing;
using OrleansSagas.Tests.Conformance;

namespace OrleansSagas.Tests.PostgreSql;

/// <summary>The one suite for every store that a cluster can hold, on PostgreSQL.</summary>
public sealed class PostgreSqlClusterConformanceTests(PostgresFixture postgres) : SagaClusterStoreConformance
{
    private PostgresPlace? _place;

    public override async ValueTask InitializeAsync()
    {
        _place = await postgres.NewPlaceAsync();
        await base.InitializeAsync();
    }

    protected override ISagaStore CreateStore(SagaRuntime runtime) => new PostgreSqlSagaStore(_place!.Options, runtime);

    protected override Task<IAsyncDisposable> StallWritesAsync() => _place!.StallWritesAsync();

    protected override Task SomeoneIsStalledAsync() => _place!.AreStalledAsync(1);

    protected override async ValueTask RemovePlaceAsync() => await _place!.RemoveAsync();
}
