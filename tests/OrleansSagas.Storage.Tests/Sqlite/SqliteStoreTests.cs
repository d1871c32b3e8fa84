using Microsoft.Extensions.Time.Testing;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.Storage.Tests.Conformance;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Sqlite;

/// <summary>
/// What is special about a store in a file. The conformance suite's helpers, not its tests: those run once, in
/// <see cref="SqliteConformanceTests"/>.
/// </summary>
public abstract class SqliteStoreTests : SagaStoreFixture
{
    private readonly TempFolder _place = new();

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    protected override TimeProvider Clock => Time;

    protected virtual string File => _place.File("below/sagas.db");

    protected virtual int CheckpointPages => 4000;

    private protected SqliteSagaStore Sqlite => (SqliteSagaStore)Store;

    private protected override ISagaStore CreateStore(SagaRuntime runtime) =>
        new SqliteSagaStore(new SqliteSagaStoreOptions { Path = File, CheckpointPages = CheckpointPages }, runtime);

    protected override ValueTask RemovePlaceAsync()
    {
        _place.Dispose();
        return default;
    }

    /// <summary>Lets everything that the writer was told before happen.</summary>
    protected Task WriterIsIdleAsync() => Sqlite.Writer.RunAsync(_ => true).For("the writer");

    protected async Task RetryTimerFiresAsync()
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        await WriterIsIdleAsync();
    }
}
