using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql;
using OrleansSagas.Storage.Tests.Conformance;

namespace OrleansSagas.Storage.Tests.PostgreSql;

/// <summary>The one suite for every store, on PostgreSQL.</summary>
public sealed class PostgreSqlConformanceTests(PostgresFixture postgres) : SagaStoreConformance
{
    private PostgresPlace? _place;

    public override async ValueTask InitializeAsync()
    {
        _place = await postgres.NewPlaceAsync();
        await base.InitializeAsync();
    }

    private protected override ISagaStore CreateStore(SagaRuntime runtime) => new PostgreSqlSagaStore(_place!.Options, runtime);

    protected override async ValueTask RemovePlaceAsync() => await _place!.RemoveAsync();
}
