using System.Text.RegularExpressions;
using OrleansSagas.TestKit;

namespace OrleansSagas.Architecture.Tests;

public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void CSharpBlocks_StandInTheCompiledSnippets()
    {
        var snippets = LinesOf(File.ReadAllText(Path.Combine(Repository.Root, "tests/OrleansSagas.Architecture.Tests/ReadmeSnippets.cs")));
        var blocks = CSharp().Matches(Readme).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(blocks);
        foreach (var block in blocks)
            Assert.Contains(LinesOf(block), snippets, StringComparison.Ordinal);
    }

    [Fact]
    public void CSharpBlocksOfTheOrleansDocs_StandInTheCompiledSnippets()
    {
        var snippets = LinesOf(File.ReadAllText(Path.Combine(Repository.Root, "tests/OrleansSagas.Architecture.Tests/OrleansSnippets.cs")));
        var blocks = CSharp()
            .Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/orleans.md")))
            .Select(match => match.Groups[1].Value)
            .ToList();
        Assert.NotEmpty(blocks);
        foreach (var block in blocks)
            Assert.Contains(LinesOf(block), snippets, StringComparison.Ordinal);
    }

    [Fact]
    public void Readme_IsShort() => Assert.InRange(Readme.Split('\n').Length, 1, 150);

    [Fact]
    public void FilesThatAreNamed_Exist()
    {
        var named = Link()
            .Matches(Readme)
            .Select(match => match.Groups[1].Value)
            .Concat(Sample().Matches(Readme).Select(match => match.Value))
            .ToList();
        Assert.NotEmpty(named);
        Assert.All(
            named,
            file => Assert.True(File.Exists(Path.Combine(Repository.Root, file)), $"The README names {file}, which is not there.")
        );
    }

    /// <summary>The lines that say something, without their indentation: in the README they stand further left.</summary>
    private static string LinesOf(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"samples/Shop/orders/[a-z-]+\.json")]
    private static partial Regex Sample();
}
