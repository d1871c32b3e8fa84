namespace OrleansSagas.Client;

/// <summary>A path with the query that grows on it.</summary>
internal readonly record struct QueryText(string Text)
{
    public QueryText With(string name, string? value) =>
        value is null ? this : new QueryText($"{Text}{(Text.Contains('?') ? '&' : '?')}{name}={Uri.EscapeDataString(value)}");

    public override string ToString() => Text;
}
