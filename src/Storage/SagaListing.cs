namespace OrleansSagas.Storage;

/// <summary>
/// The statement that lists sagas by what people ask for, newest first. The conditions are the same in every store; how the store comes to
/// an index that also holds the order is its own.
/// </summary>
/// <param name="mark">What stands before a parameter's number.</param>
internal abstract class SagaListing(char mark)
{
    private readonly List<object> _values = [];

    /// <summary>The parameters' values, from the first: texts and <see cref="long"/>s.</summary>
    internal object[] Values => [.. _values];

    /// <summary>How the sagas with a tag lead to their rows.</summary>
    protected abstract string Join { get; }

    /// <summary>The index to go by, where the store's planner is to be told.</summary>
    protected abstract string Index(SagaQuery query);

    protected abstract string IsOf(SagaStatus status);

    /// <summary>Whether <paramref name="select"/> finds a row.</summary>
    protected abstract string Exists(string select);

    /// <summary>The text of the statement, whose <see cref="Values"/> are there afterwards: one row more than the page has.</summary>
    /// <param name="query">What to look for.</param>
    /// <param name="before">The number before which the page begins.</param>
    internal string Write(SagaQuery query, long before)
    {
        // A correlation id leaves fewer sagas than a tag does.
        var byTag = query.CorrelationId is null && query.Tags.Count > 0;
        var @namespace = Value(query.Namespace);
        var source = byTag
            ? $"tag t {Join} saga s ON s.no = t.saga WHERE t.namespace = {@namespace} AND {IsTag("t.", query.Tags[0])} AND t.saga"
            : $"saga s {Index(query)} WHERE s.namespace = {@namespace} AND s.no";
        var conditions = new List<string> { $"{source} < {Value(before)}" };
        if (query.Type is { } type)
            conditions.Add($"s.type = {Value(type)}");
        if (query.Status is { } status)
            conditions.Add(IsOf(status));
        if (query.CorrelationId is { } correlation)
            conditions.Add($"s.correlation_id = {Value(correlation)}");
        if (query.StartedFrom is { } from)
            conditions.Add($"s.started_at >= {Value(PageBounds.Milliseconds(from))}");
        if (query.StartedBefore is { } until)
            conditions.Add($"s.started_at < {Value(PageBounds.Milliseconds(until))}");
        foreach (var tag in query.Tags.Skip(byTag ? 1 : 0))
            conditions.Add(Exists($"SELECT 1 FROM tag WHERE namespace = {@namespace} AND {IsTag("", tag)} AND saga = s.no"));
        return $"SELECT {SagaColumns.All} FROM {string.Join(" AND ", conditions)} "
            + $"ORDER BY {(byTag ? "t.saga" : "s.no")} DESC LIMIT {Value(query.Limit + 1L)}";
    }

    /// <summary>The place of one more value.</summary>
    protected string Value(object value)
    {
        _values.Add(value);
        return $"{mark}{_values.Count}";
    }

    private string IsTag(string table, KeyValuePair<string, string> tag) =>
        $"{table}name = {Value(tag.Key)} AND {table}value = {Value(tag.Value)}";
}
