using System.Reflection;
using OrleansSagas.TestKit;

namespace OrleansSagas.Architecture.Tests;

/// <summary>
/// The public API of each package is kept in Approved/, so that a change to it is seen in review. To approve one: <c>APPROVE_API=1 dotnet
/// test tests/OrleansSagas.Architecture.Tests</c>.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("OrleansSagas.Abstractions")]
    [InlineData("OrleansSagas")]
    [InlineData("OrleansSagas.Storage.Sqlite")]
    [InlineData("OrleansSagas.Storage.PostgreSql")]
    [InlineData("OrleansSagas.Http")]
    [InlineData("OrleansSagas.Testing")]
    [InlineData("OrleansSagas.Client")]
    [InlineData("OrleansSagas.Orleans.Abstractions")]
    [InlineData("OrleansSagas.Orleans")]
    [InlineData("OrleansSagas.Orleans.PostgreSql")]
    [InlineData("OrleansSagas.Orleans.Testing")]
    public void PublicApi_OfPackage_IsTheApprovedOne(string package)
    {
        var file = Path.Combine(Repository.Root, "tests/OrleansSagas.Architecture.Tests/Approved", package + ".txt");
        var found = PublicApi.Of(Assembly.Load(package)).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("APPROVE_API") == "1")
            File.WriteAllText(file, found);
        var approved = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        var added = found.Split('\n').Except(approved.Split('\n')).Take(20);
        var removed = approved.Split('\n').Except(found.Split('\n')).Take(20);
        Assert.True(
            found == approved,
            $"The public API of {package} is not the approved "
                + $"one.\nAdded:\n{string.Join('\n', added)}\nRemoved:\n{string.Join('\n', removed)}\nIf this is meant, run: "
                + "APPROVE_API=1 dotnet test tests/OrleansSagas.Architecture.Tests"
        );
    }
}
