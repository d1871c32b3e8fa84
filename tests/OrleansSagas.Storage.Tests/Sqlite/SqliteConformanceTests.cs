using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.Storage.Tests.Conformance;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Sqlite;

/// <summary>The one suite for every store, on SQLite.</summary>
public sealed class SqliteConformanceTests : SagaStoreConformance
{
    private readonly TempFolder _place = new();

    private protected override ISagaStore CreateStore(SagaRuntime runtime) =>
        new SqliteSagaStore(new SqliteSagaStoreOptions { Path = _place.File("below/sagas.db") }, runtime);

    protected override ValueTask RemovePlaceAsync()
    {
        _place.Dispose();
        return default;
    }
}
