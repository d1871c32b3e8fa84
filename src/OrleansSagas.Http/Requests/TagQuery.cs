using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;

namespace OrleansSagas.Http.Requests;

/// <summary>The tags of a query: <c>tag=name:value</c>, split at the first colon, as often as there are tags.</summary>
internal static class TagQuery
{
    public const int MaxTags = 16;
    public const int MaxName = 64;
    public const int MaxValue = 256;

    public static bool TryRead(
        in StringValues query,
        out IReadOnlyList<KeyValuePair<string, string>> tags,
        [NotNullWhen(false)] out string? error
    )
    {
        (tags, error) = ([], null);
        if (query.Count == 0)
            return true;
        if (query.Count > MaxTags)
        {
            error = $"The query names {query.Count} tags: a saga has at most {MaxTags}.";
            return false;
        }

        var found = new List<KeyValuePair<string, string>>(query.Count);
        foreach (var text in query)
        {
            var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
            if (colon is < 1 or > MaxName || text!.Length - colon - 1 > MaxValue)
            {
                error =
                    $"The query's tag '{Problems.Problem.Shown(text ?? "")}' cannot be read. Write it as tag=name:value, the name 1 to "
                    + $"{MaxName} and the value 0 to {MaxValue} characters.";
                return false;
            }
            found.Add(new(text[..colon], text[(colon + 1)..]));
        }
        tags = found;
        return true;
    }
}
