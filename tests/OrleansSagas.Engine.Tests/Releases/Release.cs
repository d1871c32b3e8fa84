using System.Reflection;

namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>A database that a release wrote, and the description of all that is in it.</summary>
internal sealed record Release(string Version, StoreKind Kind)
{
    private static readonly string Root = typeof(Release)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(one => one.Key == "Golden")
        .Value!;

    /// <summary>This program's.</summary>
    public static Release This(StoreKind kind) => new(typeof(Release).Assembly.GetName().Version!.ToString(3), kind);

    public static IEnumerable<Release> All =>
        System
            .IO.Directory.GetDirectories(Root)
            .SelectMany(directory => Enum.GetValues<StoreKind>().Select(kind => new Release(Path.GetFileName(directory), kind)))
            .OrderBy(release => release.Version, StringComparer.Ordinal);

    /// <summary>Whether it stored who had asked, as all but the first release do.</summary>
    public bool SaysWhoAsked => Version != "0.1.0";

    public string Directory => Path.Combine(Root, Version);

    public string Database => Path.Combine(Directory, Kind == StoreKind.Sqlite ? "sagas.db" : "postgresql.sql");

    public string Description => Path.Combine(Directory, Kind == StoreKind.Sqlite ? "sagas.json" : "postgresql.json");
}
