using System.Xml.Linq;
using OrleansSagas.TestKit;

namespace OrleansSagas.Architecture.Tests;

/// <summary>
/// The direction of dependencies: Abstractions, then OrleansSagas, then what stands beside each other, then the silo. Client and server
/// never see each other; code that only calls sagas over Orleans sees Abstractions and Orleans.Abstractions.
/// </summary>
public sealed class DependencyTests
{
    public static TheoryData<string, string[]> Allowed =>
        new()
        {
            { "src/OrleansSagas.Abstractions", [] },
            { "src/OrleansSagas", ["OrleansSagas.Abstractions"] },
            { "src/OrleansSagas.Storage.Sqlite", ["OrleansSagas"] },
            { "src/OrleansSagas.Storage.PostgreSql", ["OrleansSagas"] },
            { "src/OrleansSagas.Orleans.Abstractions", ["OrleansSagas.Abstractions"] },
            { "src/OrleansSagas.Orleans", ["OrleansSagas", "OrleansSagas.Orleans.Abstractions"] },
            { "src/OrleansSagas.Orleans.PostgreSql", [] },
            { "src/OrleansSagas.Orleans.Testing", ["OrleansSagas.Orleans", "OrleansSagas.Testing"] },
            { "src/OrleansSagas.Http", ["OrleansSagas"] },
            { "src/OrleansSagas.Testing", ["OrleansSagas"] },
            { "Client", ["OrleansSagas.Abstractions"] },
            { "samples/Shop", ["OrleansSagas"] },
            { "samples/Grains", ["OrleansSagas.Orleans", "OrleansSagas.Storage.Sqlite"] },
            { "samples/Aspire", ["Silo"] },
            {
                "Silo",
                [
                    "OrleansSagas",
                    "OrleansSagas.Orleans",
                    "OrleansSagas.Orleans.PostgreSql",
                    "OrleansSagas.Http",
                    "OrleansSagas.Storage.Sqlite",
                    "OrleansSagas.Storage.PostgreSql",
                    "Shop",
                ]
            },
        };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void Project_References_OnlyWhatItMay(string folder, string[] allowed)
    {
        var file = Assert.Single(Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.csproj"));
        var found = XDocument
            .Load(file)
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
        Assert.Empty(found.Except(allowed));
    }

    /// <summary>A client or a library of grains pulls no server, and a server no database and no web page that it does not use.</summary>
    [Theory]
    [InlineData("src/OrleansSagas.Abstractions", new string[0])]
    [InlineData("src/OrleansSagas.Orleans.Abstractions", new[] { "Microsoft.Orleans.Client" })]
    [InlineData("src/OrleansSagas.Orleans", new[] { "Microsoft.Orleans.Server", "Microsoft.Orleans.Reminders" })]
    [InlineData(
        "src/OrleansSagas.Orleans.PostgreSql",
        new[] { "Microsoft.Orleans.Server", "Microsoft.Orleans.Clustering.AdoNet", "Microsoft.Orleans.Reminders.AdoNet", "Npgsql" }
    )]
    public void Package_Pulls_OnlyWhatItNeeds(string folder, string[] allowed)
    {
        var file = Assert.Single(Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.csproj"));
        var project = XDocument.Load(file);
        var found = project
            .Descendants("PackageReference")
            .Where(reference => reference.Attribute("PrivateAssets")?.Value != "all")
            .Select(reference => reference.Attribute("Include")!.Value);
        Assert.Empty(found.Except(allowed));
        Assert.Empty(project.Descendants("FrameworkReference"));
    }

    [Fact]
    public void EveryLibrary_IsListedAbove()
    {
        var projects = Directory
            .GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetDirectoryName(file)!);
        var listed = Allowed.Select(row => Path.Combine(Repository.Root, row.Data.Item1));
        Assert.Empty(projects.Except(listed));
    }

    [Fact]
    public void EveryProject_IsInTheSolution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "OrleansSagas.sln")).Replace('\\', '/');
        var left = Directory
            .GetFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !solution.Contains($"\"{file}\"", StringComparison.Ordinal));
        Assert.Empty(left);
    }
}
