using System.Text.Json.Serialization;

namespace OrleansSagas.Plans;

/// <summary>
/// Where a step stands in the tree of its saga: names separated by <c>/</c>, each escaped. Branches, iterations and items add segments.
/// </summary>
[JsonConverter(typeof(StepPathJsonConverter))]
internal readonly record struct StepPath
{
    private readonly string? _value;

    private StepPath(string value) => _value = value;

    /// <summary>The path as it is stored and shown.</summary>
    public string Value => _value ?? "";

    /// <summary>The path of a step at the root.</summary>
    public static StepPath Root(string name) => new(Uri.EscapeDataString(name));

    /// <summary>The path of <paramref name="name"/> below this one.</summary>
    public StepPath Append(string name) => new($"{Value}/{Uri.EscapeDataString(name)}");

    /// <summary>Takes a stored path as it is.</summary>
    public static StepPath Parse(string value) => new(value);

    /// <inheritdoc />
    public override string ToString() => Value;
}
