using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.Storage.Sqlite.Native;
using OrleansSagas.Storage.Sqlite.Schema;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Sqlite;

public sealed class SqliteOpeningTests : SqliteStoreTests
{
    [Fact]
    public void Connection_CompilesAStatementOnce()
    {
        using var folder = new TempFolder();
        using var connection = new SqliteConnection(folder.File("sagas.db"), TimeSpan.FromSeconds(1));

        Assert.True(connection.HasStablePlans);
    }

    [Fact]
    public async Task Open_WhenAnotherHoldsTheFile_RefusesAndNamesIt()
    {
        await using var second = CreateStore(Runtime);

        var refused = await Assert.ThrowsAsync<StoreException>(() => second.OpenAsync([], default));

        Assert.Contains(File + ".lock", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Stop that one first", refused.Message, StringComparison.Ordinal);
        await CommittedAsync(Start(Key("a")));
    }

    [Fact]
    public async Task Open_WhenTheOtherHasClosed_TakesTheFile()
    {
        await CommittedAsync(Start(Key("a")));
        await ReopenAsync();

        await LoadedAsync(Key("a"));
    }

    [Fact]
    public async Task Open_WhenSchemaIsNewer_RefusesAndLetsTheFileGo()
    {
        await Sqlite.Writer.RunAsync(c =>
        {
            c.Execute("PRAGMA user_version = 99");
            return true;
        });
        await Store.DisposeAsync();
        await using var older = CreateStore(Runtime);

        var refused = await Assert.ThrowsAsync<StoreException>(() => older.OpenAsync([], default));

        Assert.Contains("schema version 99", refused.Message, StringComparison.Ordinal);
        using (var connection = new SqliteConnection(File, TimeSpan.Zero))
            connection.Execute($"PRAGMA user_version = {SchemaMigrations.Current}");
        await ReopenAsync();
    }

    [Fact]
    public async Task Open_WhenFileIsNoDatabase_RefusesAndNamesIt()
    {
        await Store.DisposeAsync();
        await System.IO.File.WriteAllTextAsync(File, new string('x', 8192));
        await using var store = CreateStore(Runtime);

        var refused = await Assert.ThrowsAsync<StoreException>(() => store.OpenAsync([], default));

        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.IsType<SqliteError>(refused.InnerException);
    }

    [Fact]
    public async Task Dispose_WhenAllIsWritten_LeavesNoLogBehind()
    {
        await CommittedAsync(Start(Key("a")));
        await Store.DisposeAsync();

        Assert.False(System.IO.File.Exists(File + "-wal"));
    }

    [Fact]
    public async Task Load_WhenStoreIsNotOpen_SaysSo()
    {
        await using var store = CreateStore(Runtime);

        await Assert.ThrowsAsync<StoreException>(() => store.LoadAsync(Key("a"), default));
        Assert.False(store.Health.IsHealthy);
        Assert.True(Store.Health.IsHealthy);
    }

    [Fact]
    public async Task AddSqliteSagaStore_WhenConfigured_RegistersOneStore()
    {
        using var folder = new TempFolder();
        var file = folder.File("below/sagas.db");
        await using var services = new ServiceCollection().AddSqliteSagaStore(o => o.Path = file).BuildServiceProvider();
        var store = services.GetRequiredService<ISagaStore>();

        await store.OpenAsync([], default);

        Assert.Same(store, services.GetRequiredService<ISagaStore>());
        Assert.Same(SagaRuntime.System, services.GetRequiredService<SagaRuntime>());
        Assert.True(System.IO.File.Exists(file));
    }

    [Fact]
    public void Settings_OutOfTheirRange_AreNamedWithTheFix()
    {
        (string Setting, SqliteSagaStoreOptions Options)[] faults =
        [
            ("Path", new() { Path = " " }),
            ("SyncDelay", new() { SyncDelay = TimeSpan.FromSeconds(-1) }),
            ("Readers", new() { Readers = 0 }),
            ("MaxBatch", new() { MaxBatch = 0 }),
            ("CheckpointPages", new() { CheckpointPages = 1 }),
            ("RetryAfter", new() { RetryAfter = TimeSpan.Zero }),
        ];
        foreach (var (setting, options) in faults)
        {
            var fault = Assert.Single(new SqliteSagaStoreOptionsValidator().Validate(null, options).Failures!);
            Assert.StartsWith($"SqliteSagaStoreOptions.{setting} ", fault, StringComparison.Ordinal);
        }
    }
}
