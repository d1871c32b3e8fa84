using System.Text.RegularExpressions;
using OrleansSagas.Decisions;

namespace OrleansSagas.Tests.Decisions;

/// <summary>Compares <c>docs/state-machine.md</c> with what the decider does, in both directions.</summary>
public sealed partial class StateMachineTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "state-machine.md"));
    private static readonly Exploration Explored = Exploration.OfSmallPlans();

    [Fact]
    public void Diagram_ListsExactlyTheTransitionsThatOccur()
    {
        var drawn = Arrow().Matches(Document).Select(arrow => $"{arrow.Groups[1].Value} --> {arrow.Groups[2].Value}").ToList();
        var occurring = Explored
            .Transitions.Select(change => $"{(change.From is { } from ? from.ToString() : "[*]")} --> {change.To}")
            .Concat(Explored.Transitions.Select(change => change.To).Where(to => to.IsTerminal()).Distinct().Select(to => $"{to} --> [*]"));

        Assert.Equal(drawn.Distinct(), drawn);
        AssertSays(occurring, drawn);
    }

    [Fact]
    public void Diagram_ListsEveryTransitionOfRandomHistories() =>
        Properties.HoldAtEachTurn(
            Script.Any,
            (_, turn) =>
            {
                if (turn.Before.Status != turn.After.Status)
                    Assert.Contains((turn.Before.Status, turn.After.Status), Explored.Transitions);
            }
        );

    [Fact]
    public void Verbs_AreExactlyWhatTheDeciderAnswers()
    {
        var written = Rows().ToDictionary(row => row[0], row => row[1..]);
        var found = Explored
            .Answers.GroupBy(answer => answer.Status)
            .ToDictionary(
                status => status.Key.ToString(),
                status =>
                    Enum.GetValues<OperatorAction>()
                        .Select(verb =>
                            string.Join(
                                ", ",
                                status
                                    .Where(answer => answer.Verb == verb)
                                    .Select(answer => answer.Answer)
                                    .Distinct()
                                    .Order(StringComparer.Ordinal)
                            )
                        )
                        .ToArray()
            );

        Assert.Equal(Enum.GetNames<OperatorAction>().Select(name => name.ToLowerInvariant()), Header());
        AssertSays(
            found.Select(row => $"{row.Key}: {string.Join(" | ", row.Value)}"),
            written.Select(row => $"{row.Key}: {string.Join(" | ", row.Value)}")
        );
    }

    [Fact]
    public void Meanings_AreGivenForEveryStatus()
    {
        var meanings = Document[
            Document.IndexOf("## What each status means", StringComparison.Ordinal)..Document.IndexOf(
                "## What an operator can do",
                StringComparison.Ordinal
            )
        ];

        Assert.Equal(Enum.GetNames<SagaStatus>(), Meaning().Matches(meanings).Select(row => row.Groups[1].Value));
    }

    private static string[] Header() => VerbTable().First()[1..];

    private static IEnumerable<string[]> Rows() => VerbTable().Skip(2).Select(row => row.Select(cell => cell.Trim('`')).ToArray());

    private static IEnumerable<string[]> VerbTable() =>
        Document[Document.IndexOf("| Status | cancel |", StringComparison.Ordinal)..]
            .Split('\n')
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray());

    private static void AssertSays(IEnumerable<string> found, IEnumerable<string> written)
    {
        var (isSo, said) = (found.Order(StringComparer.Ordinal).ToList(), written.ToList());
        Assert.True(
            isSo.Order().SequenceEqual(said.Order()),
            $"The document does not say:\n{string.Join("\n", isSo.Except(said))}\nand says what is not "
                + $"so:\n{string.Join("\n", said.Except(isSo))}"
        );
    }

    [GeneratedRegex(@"^ +(\[\*\]|\w+) --> (\[\*\]|\w+)(?: *:.*)?$", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Meaning();
}
