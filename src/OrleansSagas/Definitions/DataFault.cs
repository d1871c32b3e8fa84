using System.Text.Json;

namespace OrleansSagas;

/// <summary>Says in the caller's terms why a body is not the data that was wanted: by its path, never by the names of our types.</summary>
internal static class DataFault
{
    private const string Missing = "including: ";

    public static string Describe(Exception exception)
    {
        if (exception is not JsonException json)
            return exception is FormatException or ArgumentException ? exception.Message : "it was refused by the type's own checks.";
        var where = json.LineNumber is { } line ? $" (line {line + 1}, byte {json.BytePositionInLine + 1})" : "";
        var missing = json.Message.IndexOf(Missing, StringComparison.Ordinal);
        if (missing >= 0)
        {
            var names = json.Message[(missing + Missing.Length)..];
            var end = names.IndexOf(". Path", StringComparison.Ordinal);
            return $"these members are missing: {(end < 0 ? names : names[..end]).TrimEnd('.')}.";
        }

        // What the parser itself says has an inner exception; what does not fit a type has a path.
        return json.InnerException is JsonException or null && json.Path is { Length: > 1 } path
            ? $"what stands at {path} has the wrong type, or is not known{where}."
            : $"it is not well-formed JSON of the right shape{where}.";
    }
}
