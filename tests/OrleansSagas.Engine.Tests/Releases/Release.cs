using System.Reflection;

namespace OrleansSagas.Tests.Releases;

/// <summary>A database that a release wrote, and the description of all that is in it.</summary>
internal sealed record Release(string Version)
{
    private static readonly string Root = typeof(Release).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "Golden").Value!;

    /// <summary>This program's.</summary>
    public static Release This { get; } = new(typeof(Release).Assembly.GetName().Version!.ToString(3));

    public static IEnumerable<Release> All => System.IO.Directory.GetDirectories(Root).Select(directory => new Release(Path.GetFileName(directory))).OrderBy(release => release.Version, StringComparer.Ordinal);

    public string Directory => Path.Combine(Root, Version);

    public string Database => Path.Combine(Directory, "sagas.db");

    public string Description => Path.Combine(Directory, "sagas.json");
}
