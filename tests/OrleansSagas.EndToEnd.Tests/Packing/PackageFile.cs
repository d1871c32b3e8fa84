using System.IO.Compression;
using System.Xml.Linq;

namespace OrleansSagas.EndToEnd.Tests.Packing;

/// <summary>A package as it lies in a folder.</summary>
internal sealed class PackageFile
{
    private readonly XElement _metadata;

    public PackageFile(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        Files = [.. zip.Entries.Select(entry => entry.FullName)];
        using var nuspec = zip.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        var root = XElement.Load(nuspec);
        _metadata = root.Element(root.Name.Namespace + "metadata")!;
    }

    /// <summary>What is in it, by path.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The packages that it asks for, with the versions.</summary>
    public IReadOnlyDictionary<string, string> Dependencies =>
        _metadata
            .Descendants(_metadata.Name.Namespace + "dependency")
            .ToDictionary(one => one.Attribute("id")!.Value, one => one.Attribute("version")!.Value);

    /// <summary>What the nuspec says under <paramref name="name"/>; empty for nothing.</summary>
    public string Says(string name) => _metadata.Element(_metadata.Name.Namespace + name)?.Value ?? "";
}
