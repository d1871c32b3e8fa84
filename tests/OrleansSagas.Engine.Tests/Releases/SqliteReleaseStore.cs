using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.Storage.Sqlite.Native;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>A file of SQLite in a directory of its own.</summary>
internal sealed class SqliteReleaseStore : ReleaseStore
{
    private readonly TempFolder _folder = new();

    private string Path => _folder.File("sagas.db");

    public override ISagaStore Make(SagaRuntime runtime) => new SqliteSagaStore(new SqliteSagaStoreOptions { Path = Path }, runtime);

    public override Task SaveAsync(string file)
    {
        using (var connection = Connect())
            connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        File.Copy(Path, file);
        return Task.CompletedTask;
    }

    public override Task<IReadOnlyList<string>> ReadSchemaAsync()
    {
        using var connection = Connect();
        using var statement = connection.PrepareOnce(
            "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') FROM sqlite_master ORDER BY type, name"
        );
        var lines = new List<string> { $"version {connection.Scalar("PRAGMA user_version")}" };
        while (statement.Step())
            lines.Add(statement.Text(0));
        return Task.FromResult<IReadOnlyList<string>>(lines);
    }

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task LoadAsync(string file)
    {
        File.Copy(file, Path);
        return Task.CompletedTask;
    }

    private SqliteConnection Connect() => new(Path, TimeSpan.FromSeconds(5));
}
