namespace OrleansSagas.TestKit;

/// <summary>The table of instruments in docs/observability.md.</summary>
internal static class InstrumentTable
{
    public static string Text { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs/observability.md"));

    public static IReadOnlyList<Row> Rows { get; } =
    [
        .. Lines("orleanssagas.")
            .Select(cells => new Row(cells[0].Trim('`'), cells[1].Trim('`'), cells[2], cells[3].Trim('`'), cells[5])
            {
                Tags =
                [
                    .. cells[4]
                        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                        .Select(tag => tag.Trim('`')),
                ],
            }),
    ];

    /// <summary>The names that Prometheus knows: those of a histogram are three.</summary>
    public static IReadOnlySet<string> PrometheusNames { get; } =
        Rows.SelectMany(
                row => row.Kind == "histogram" ? ["_bucket", "_sum", "_count"] : (string[])[""],
                (row, suffix) => row.PrometheusName + suffix
            )
            .ToHashSet();

    /// <summary>The alerts that the document names.</summary>
    public static IEnumerable<string> Alerts => Lines("Saga").Select(cells => cells[0].Trim('`'));

    private static IEnumerable<string[]> Lines(string begin) =>
        Text.Split('\n')
            .Where(line => line.StartsWith($"| `{begin}", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    /// <summary>One instrument, as the document has it.</summary>
    internal sealed record Row(string Name, string PrometheusName, string Kind, string Unit, string Meaning)
    {
        /// <summary>Its tags, which no instrument says itself.</summary>
        public IReadOnlyList<string> Tags { get; init; } = [];

        public bool Equals(Row? other) =>
            other is not null
            && (Name, PrometheusName, Kind, Unit, Meaning) == (other.Name, other.PrometheusName, other.Kind, other.Unit, other.Meaning);

        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }
}
