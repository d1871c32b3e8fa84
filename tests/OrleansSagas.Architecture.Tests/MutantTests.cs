using System.Text.RegularExpressions;
using OrleansSagas.TestKit;

namespace OrleansSagas.Architecture.Tests;

/// <summary>The mutants of tests/mutants, each a small bug that the suites are to catch: whether they can still be made.</summary>
public sealed partial class MutantTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests/mutants");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.mutant").Select(file => Path.GetFileNameWithoutExtension(file)!).Order()];

    /// <summary>What a mutant replaces is text: a change of a name there has to be made in the mutant as well.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Mutant_ReplacesATextThatIsInItsFileOnce(string name)
    {
        var mutant = Form().Match(File.ReadAllText(Path.Combine(Folder, name + ".mutant")));
        Assert.True(mutant.Success, $"tests/mutants/{name}.mutant is not 'bug: ...', 'file: ...', '--- before', text, '--- after', text.");
        var (file, before, after) = (mutant.Groups["file"].Value, mutant.Groups["before"].Value, mutant.Groups["after"].Value);
        var path = Path.Combine(Repository.Root, file);
        Assert.True(
            File.Exists(path),
            $"The mutant {name} changes {file}, which is not there. Name the file that has its code now in tests/mutants/{name}.mutant."
        );
        var found = File.ReadAllText(path).Split(before).Length - 1;
        Assert.True(
            found == 1,
            $"The mutant {name} replaces a text that {file} has {found} times, not once. Give tests/mutants/{name}.mutant the code as "
                + $"it is now, with the same bug after it, and run tests/mutants/run {name}. It looks for:{Environment.NewLine}{before}"
        );
        Assert.True(after.TrimEnd('\n') != before, $"The mutant {name} changes nothing.");
    }

    [GeneratedRegex(
        @"\Abug: [^\n]+\nfile: (?<file>[^\n]+)\n--- before\n(?<before>.+?)\n--- after\n(?<after>.*)\z",
        RegexOptions.Singleline
    )]
    private static partial Regex Form();
}
