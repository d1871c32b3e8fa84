using System.Reflection;

namespace OrleansSagas.Tests;

/// <summary>The public API of the cluster engine, kept beside that of the other packages. To approve a change: <c>APPROVE_API=1</c>.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicApi_OfTheClusterEngine_IsTheApprovedOne()
    {
        var file = Path.Combine(Repository.Root, "tests/OrleansSagas.Architecture.Tests/Approved/OrleansSagas.Orleans.txt");
        var found = PublicApi.Of(Assembly.Load("OrleansSagas.Orleans")).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("APPROVE_API") == "1")
            File.WriteAllText(file, found);
        Assert.Equal(File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "", found);
    }
}
