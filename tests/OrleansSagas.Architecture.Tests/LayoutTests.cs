using OrleansSagas.TestKit;

namespace OrleansSagas.Architecture.Tests;

public sealed class LayoutTests
{
    private const int Widest = 140;

    /// <summary>
    /// The formatter breaks what it can; a text or a comment that is longer is broken by hand. The snippets have the lines of the
    /// documents, where they stand further left.
    /// </summary>
    [Theory]
    [InlineData("src")]
    [InlineData("Client")]
    [InlineData("Silo")]
    [InlineData("samples")]
    [InlineData("tests")]
    public void Lines_AreNotTooLong(string folder)
    {
        var files = Repository.SourcesOf(folder).Where(file => !file.EndsWith("Snippets.cs", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(files);
        var tooLong = files.SelectMany(file =>
            File.ReadLines(file)
                .Select((line, index) => (line, Place: $"{Path.GetRelativePath(Repository.Root, file)}:{index + 1}"))
                .Where(at => at.line.Length > Widest)
                .Select(at => at.Place)
        );
        Assert.Empty(tooLong);
    }
}
