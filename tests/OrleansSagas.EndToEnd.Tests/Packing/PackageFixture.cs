using System.Reflection;
using OrleansSagas.TestKit;

namespace OrleansSagas.EndToEnd.Tests.Packing;

/// <summary>The packages, made of what was built, in a folder of their own.</summary>
public sealed class PackageFixture : IAsyncLifetime
{
    /// <summary>Higher than any that a feed has, so that who asks for the newest gets these.</summary>
    public const string Version = "999.0.0";

    private static readonly TimeSpan PackLimit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("orleanssagas-packages-").FullName;

    /// <summary>Where the packages are.</summary>
    public string Packages => Path.Combine(_folder, "made");

    /// <summary>Where projects that use them are made.</summary>
    public string Projects => Path.Combine(_folder, "projects");

    /// <summary>What <c>dotnet pack</c> wrote.</summary>
    public string Said { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Projects);
        Said = await DotnetTool.RunAsync(
            Repository.Root,
            new Dictionary<string, string>(),
            PackLimit,
            "pack",
            "OrleansSagas.sln",
            "--no-build",
            "--configuration",
            Metadata("Configuration"),
            "--output",
            Packages,
            $"-p:PackageVersion={Version}"
        );
        await File.WriteAllTextAsync(Path.Combine(Projects, "nuget.config"), Sources());
    }

    /// <summary>
    /// The variables for processes in <see cref="Projects"/>: packages that the machine does not have are put into this folder, and go with
    /// it.
    /// </summary>
    public IReadOnlyDictionary<string, string> Variables =>
        new Dictionary<string, string>
        {
            ["NUGET_PACKAGES"] = Path.Combine(_folder, "restored"),
            // Advisories are no concern of these tests.
            ["NuGetAudit"] = "false",
        };

    public ValueTask DisposeAsync()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // The system's own cleaning takes it.
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>The folder of packages is a source beside those of the machine, and what the machine has restored is not fetched
    /// again.</summary>
    private string Sources() =>
        $"""
            <configuration>
              <packageSources>
                <add key="made" value="{Packages}" />
              </packageSources>
              <fallbackPackageFolders>
                <add key="machine" value="{Metadata("NuGetPackageRoot")}" />
              </fallbackPackageFolders>
            </configuration>
            """;

    private static string Metadata(string key) =>
        typeof(PackageFixture).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == key).Value!;
}
