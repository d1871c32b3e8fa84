using OrleansSagas.Storage;
using OrleansSagas.Storage.Tests.Conformance;
using OrleansSagas.Testing;

namespace OrleansSagas.Storage.Tests.Memory;

/// <summary>The one suite for every store, on memory.</summary>
public sealed class MemoryConformanceTests : SagaStoreConformance
{
    private readonly MemoryTables _disk = new();

    private protected override ISagaStore CreateStore(SagaRuntime runtime) => new MemorySagaStore(_disk, runtime);

    protected override ValueTask RemovePlaceAsync() => default;
}
