namespace OrleansSagas.Storage.Tests.Sqlite;

/// <summary>A directory of one test's own.</summary>
internal sealed class TestPlace : IDisposable
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("sagas-").FullName;

    public string File => Path.Combine(Directory, "below", "sagas.db");

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
