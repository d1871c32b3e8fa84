using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace OrleansSagas.Http.Requests;

/// <summary>The <c>wait</c> of the <c>Prefer</c> header (RFC 7240).</summary>
internal static class PreferHeader
{
    public const string Name = "Prefer";
    private static readonly string[] Applied = [.. Enumerable.Range(0, 61).Select(Text)];

    /// <summary>
    /// How long the caller prefers to wait, cut to <paramref name="max"/>; null when it does not say so in a way that can be read.
    /// </summary>
    public static TimeSpan? ReadWait(in StringValues header, TimeSpan max)
    {
        for (var i = 0; i < header.Count; i++)
        {
            if (FindWait(header[i]) is { } value)
                return ParseSeconds(value.AsSpan(), max);
        }
        return null;
    }

    /// <summary>Tells the caller that its wait was honoured, and for how long at most.</summary>
    public static void Apply(HttpResponse response, TimeSpan wait)
    {
        var seconds = (int)wait.TotalSeconds;
        response.Headers["Preference-Applied"] = seconds < Applied.Length ? Applied[seconds] : Text(seconds);
    }

    /// <summary>The value of the first preference named wait, which is the only one that counts; null when there is none.</summary>
    private static StringSegment? FindWait(string? line)
    {
        var rest = new StringSegment(line ?? "");
        while (rest.Length > 0)
        {
            var preference = UpTo(ref rest, ',');
            // What follows a semicolon are parameters of the preference, and wait has none.
            var pair = UpTo(ref preference, ';');
            var equals = pair.IndexOf('=');
            var name = (equals < 0 ? pair : pair.Subsegment(0, equals)).Trim();
            if (name.Equals("wait", StringComparison.OrdinalIgnoreCase))
                return equals < 0 ? StringSegment.Empty : pair.Subsegment(equals + 1).Trim();
        }
        return null;
    }

    private static TimeSpan? ParseSeconds(ReadOnlySpan<char> value, TimeSpan max)
    {
        if (value is ['"', .. var quoted, '"'])
            value = quoted;
        if (value.IsEmpty || value.ContainsAnyExceptInRange('0', '9'))
            return null;
        var most = (long)max.TotalSeconds;
        // More digits than a long takes are only more of the same: longer than allowed.
        var seconds = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? Math.Min(parsed, most) : most;
        return TimeSpan.FromSeconds(seconds);
    }

    /// <summary>Takes what comes before the next <paramref name="separator"/> outside quotes off <paramref name="rest"/>.</summary>
    private static StringSegment UpTo(ref StringSegment rest, char separator)
    {
        var quoted = false;
        for (var i = 0; i < rest.Length; i++)
        {
            var c = rest[i];
            if (c == '"')
                quoted = !quoted;
            else if (c == '\\' && quoted)
                i++;
            else if (c == separator && !quoted)
            {
                var taken = rest.Subsegment(0, i);
                rest = rest.Subsegment(i + 1);
                return taken;
            }
        }
        var all = rest;
        rest = StringSegment.Empty;
        return all;
    }

    private static string Text(int seconds) => string.Create(CultureInfo.InvariantCulture, $"wait={seconds}");
}
