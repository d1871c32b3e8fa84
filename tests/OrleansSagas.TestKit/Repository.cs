using System.Runtime.CompilerServices;

namespace OrleansSagas.TestKit;

/// <summary>Where this repository lies.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The C# files of a folder that people write: not what a build puts there.</summary>
    public static IEnumerable<string> SourcesOf(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    private static string Find([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OrleansSagas.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No OrleansSagas.sln lies above {here}.");
    }
}
