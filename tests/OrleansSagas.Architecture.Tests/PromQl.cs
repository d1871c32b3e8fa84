using System.Text.RegularExpressions;

namespace OrleansSagas.Architecture.Tests;

/// <summary>As much of Prometheus' language as is needed to find the names of metrics in a query.</summary>
internal static partial class PromQl
{
    private static readonly string[] Words = ["and", "or", "unless", "offset", "bool", "le"];

    /// <summary>The names of the metrics that a query asks for.</summary>
    public static IEnumerable<string> MetricsOf(string query) =>
        Name()
            .Matches(Aside().Replace(query, " "))
            .Select(match => match.Value)
            .Where(name => !Words.Contains(name))
            .Where(name => !Duration().IsMatch(name));

    /// <summary>What is no metric: texts, selectors, ranges, and the labels of a grouping.</summary>
    [GeneratedRegex("\"[^\"]*\"|\\{[^}]*\\}|\\[[^\\]]*\\]|\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)")]
    private static partial Regex Aside();

    /// <summary>A name that is not a function's.</summary>
    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Name();

    [GeneratedRegex("^[0-9]+[smhdwy]$")]
    private static partial Regex Duration();
}
