using OrleansSagas.Storage;

namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>A database of sagas that a test may write to: a copy of a release's, or a new one.</summary>
internal abstract class ReleaseStore : IAsyncDisposable
{
    /// <summary>A copy of what <paramref name="release"/> wrote.</summary>
    public static async Task<ReleaseStore> CopyAsync(Release release)
    {
        var store = await NewAsync(release.Kind);
        await store.LoadAsync(release.Database);
        return store;
    }

    /// <summary>One with nothing in it.</summary>
    public static async Task<ReleaseStore> NewAsync(StoreKind kind) =>
        kind switch
        {
            StoreKind.Sqlite => new SqliteReleaseStore(),
            StoreKind.PostgreSql => await PostgreSqlReleaseStore.StartAsync(),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "This store is not known."),
        };

    /// <summary>Makes a store over it that is not open yet.</summary>
    public abstract ISagaStore Make(SagaRuntime runtime);

    /// <summary>Writes all that is in it to <paramref name="file"/>.</summary>
    public abstract Task SaveAsync(string file);

    /// <summary>What its tables, indexes and functions are, one to a line.</summary>
    public abstract Task<IReadOnlyList<string>> ReadSchemaAsync();

    public abstract ValueTask DisposeAsync();

    protected abstract Task LoadAsync(string file);
}
