namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>Where sagas are stored.</summary>
public enum StoreKind
{
    /// <summary>A file.</summary>
    Sqlite,

    /// <summary>A server.</summary>
    PostgreSql,
}
