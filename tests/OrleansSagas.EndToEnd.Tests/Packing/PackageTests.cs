using System.Text.RegularExpressions;
using OrleansSagas.TestKit;

namespace OrleansSagas.EndToEnd.Tests.Packing;

/// <summary>What somebody gets who has the packages and the README, and not this repository.</summary>
[Collection(nameof(RunsAlone))]
public sealed partial class PackageTests(PackageFixture made) : IClassFixture<PackageFixture>
{
    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(2);
    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    /// <summary>Each package, and what it asks for: of the others exactly its own version, whose internals it may see.</summary>
    public static TheoryData<string, string[]> Packages =>
        new()
        {
            { "OrleansSagas.Abstractions", [] },
            {
                "OrleansSagas",
                ["OrleansSagas.Abstractions", "Microsoft.Extensions.Diagnostics", "Microsoft.Extensions.Hosting.Abstractions"]
            },
            { "OrleansSagas.Client", ["OrleansSagas.Abstractions", "Microsoft.Extensions.Http", "Polly.Core"] },
            { "OrleansSagas.Http", ["OrleansSagas"] },
            {
                "OrleansSagas.Orleans",
                ["OrleansSagas", "OrleansSagas.Orleans.Abstractions", "Microsoft.Orleans.Reminders", "Microsoft.Orleans.Server"]
            },
            { "OrleansSagas.Orleans.Abstractions", ["OrleansSagas.Abstractions", "Microsoft.Orleans.Client"] },
            {
                "OrleansSagas.Orleans.PostgreSql",
                ["Microsoft.Orleans.Clustering.AdoNet", "Microsoft.Orleans.Reminders.AdoNet", "Microsoft.Orleans.Server", "Npgsql"]
            },
            { "OrleansSagas.Orleans.Testing", ["OrleansSagas.Orleans", "OrleansSagas.Testing", "Microsoft.Orleans.TestingHost"] },
            { "OrleansSagas.Storage.PostgreSql", ["OrleansSagas", "Npgsql"] },
            { "OrleansSagas.Storage.Sqlite", ["OrleansSagas", "SQLitePCLRaw.bundle_e_sqlite3"] },
            { "OrleansSagas.Testing", ["OrleansSagas", "Microsoft.Extensions.DependencyInjection"] },
        };

    [Fact]
    public void Pack_Always_MakesThePackagesAndNoOthers()
    {
        var expected = Packages
            .Select(row => row.Data.Item1)
            .SelectMany(id => (string[])[$"{id}.{PackageFixture.Version}.nupkg", $"{id}.{PackageFixture.Version}.snupkg"]);
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Directory.GetFiles(made.Packages).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)
        );
        Assert.False(made.Said.Contains(": warning ", StringComparison.Ordinal), $"dotnet pack warned:{Environment.NewLine}{made.Said}");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Package_Always_SaysWhatItIsAndAsksForWhatItNeeds(string id, string[] dependencies)
    {
        var package = new PackageFile(Path.Combine(made.Packages, $"{id}.{PackageFixture.Version}.nupkg"));
        Assert.Equal([id, "MIT", "OrleansSagas contributors"], ((string[])["id", "license", "authors"]).Select(package.Says));
        Assert.EndsWith(".", package.Says("description"), StringComparison.Ordinal);
        Assert.Superset(
            new HashSet<string> { package.Says("readme"), package.Says("icon"), $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml" },
            package.Files.ToHashSet()
        );
        Assert.Equal(dependencies.Order(StringComparer.Ordinal), package.Dependencies.Keys.Order(StringComparer.Ordinal));
        Assert.All(
            package.Dependencies.Where(one => one.Key.StartsWith("OrleansSagas", StringComparison.Ordinal)),
            one => Assert.Equal($"[{PackageFixture.Version}]", one.Value)
        );
    }

    [Fact]
    public async Task Readme_InANewProject_RunsItsSaga()
    {
        var section = Section("## A saga of your own");
        foreach (Match command in Command().Matches(section))
            await DotnetTool.RunAsync(
                made.Projects,
                made.Variables,
                ToolLimit,
                command.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            );
        var blocks = CSharp().Matches(section).Select(match => match.Groups[1].Value).ToList();
        string Block(string text) => Assert.Single(blocks, block => block.Contains(text, StringComparison.Ordinal));

        // Its own, so that two runs on one machine do not meet.
        var address = $"http://127.0.0.1:{LoopbackPort.Free()}";
        var host = Replaced(
            Block("builder.UseOrleans"),
            "UseLocalhostClustering()",
            $"UseLocalhostClustering({LoopbackPort.Free()}, {LoopbackPort.Free()})"
        );
        var client = Replaced(Block("AddSagaClient"), "http://127.0.0.1:5080", address);
        var project = Path.Combine(made.Projects, "Trips");
        await File.WriteAllTextAsync(Path.Combine(project, "TripSaga.cs"), $"{Usings()}{Environment.NewLine}{Block("class TripSaga")}");
        await File.WriteAllTextAsync(Path.Combine(project, "Services.cs"), Services);
        await File.WriteAllTextAsync(
            Path.Combine(project, "Program.cs"),
            $$"""
            {{Usings()}}

            var builder = WebApplication.CreateBuilder(args);
            builder.Services.AddSingleton<Hotels>().AddSingleton<Flights>();
            {{host}}
            await app.StartAsync();
            var services = new ServiceCollection();
            {{client}}
            await using var provider = services.BuildServiceProvider();
            var client = provider.GetRequiredService<ISagaClient>();
            {{Block("client.StartAsync")}}
            Console.WriteLine($"The trip is {end.Status}: {end.Data!.Value.As<Trip>()}");
            await app.StopAsync();
            """
        );

        var said = await DotnetTool.RunAsync(
            made.Projects,
            made.Variables,
            ToolLimit,
            "run",
            "--project",
            "Trips",
            "--no-launch-profile",
            "--",
            "--urls",
            address
        );
        Assert.Contains(
            "The trip is Completed: Trip { Traveller = Anna, HotelId = Ritz of Anna, FlightId = F-1 }",
            said,
            StringComparison.Ordinal
        );
        Assert.True(
            File.Exists(Path.Combine(project, "data", "sagas.db")),
            $"There is no data/sagas.db in {project}. The program wrote:{Environment.NewLine}{said}"
        );
    }

    /// <summary>What the README leaves to its reader: services, one of which is a grain.</summary>
    private const string Services = """
        public interface IHotelGrain : IGrainWithStringKey
        {
            Task<string> BookAsync(string key, string traveller);

            Task CancelAsync(string actionKey);
        }

        public sealed class HotelGrain : Grain, IHotelGrain
        {
            public Task<string> BookAsync(string key, string traveller) => Task.FromResult($"{this.GetPrimaryKeyString()} of {traveller}");

            public Task CancelAsync(string actionKey) => Task.CompletedTask;
        }

        public sealed class Hotels(IGrainFactory grains)
        {
            private readonly IHotelGrain _hotel = grains.GetGrain<IHotelGrain>("Ritz");

            public Task<string> BookAsync(string key, string traveller, CancellationToken cancellation) => _hotel.BookAsync(key, traveller);

            public Task CancelAsync(string key, string actionKey, CancellationToken cancellation) => _hotel.CancelAsync(actionKey);
        }

        public sealed class Flights
        {
            public Task<string> BookAsync(string key, string traveller, CancellationToken cancellation) => Task.FromResult("F-1");
        }
        """;

    /// <summary>The namespaces that the README names.</summary>
    private static string Usings() =>
        string.Join(Environment.NewLine, Using().Matches(Section("## A saga of your own")).Select(match => match.Groups[1].Value));

    private static string Section(string heading)
    {
        var from = Readme.IndexOf(heading, StringComparison.Ordinal);
        Assert.True(from >= 0, $"The README has no section '{heading}'.");
        var to = Readme.IndexOf("\n## ", from + 1, StringComparison.Ordinal);
        return to < 0 ? Readme[from..] : Readme[from..to];
    }

    private static string Replaced(string text, string what, string by)
    {
        Assert.Contains(what, text, StringComparison.Ordinal);
        return text.Replace(what, by, StringComparison.Ordinal);
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex("^dotnet ([^#\n]+)", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("`(using [A-Za-z.]+;)`")]
    private static partial Regex Using();
}
