using System.Globalization;
using System.Text;

namespace OrleansSagas.EndToEnd.Tests.Hostile.Talking;

/// <summary>One answer as it came over the wire.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">The headers, names in lower case; the values of repeated ones are joined by commas.</param>
/// <param name="Body">The body, without its chunks.</param>
/// <param name="Length">How many bytes the answer took on the wire.</param>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, int Length)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public bool IsAccepted => Status is >= 200 and < 300;

    public override string ToString() =>
        $"{Status} {string.Join("; ", Headers.Select(header => $"{header.Key}: {header.Value}"))} | "
        + $"{(Text.Length > 400 ? Text[..400] + "..." : Text)}";

    /// <summary>Reads the first answer in <paramref name="received"/>; null while it is not complete.</summary>
    /// <param name="received">What came so far.</param>
    /// <param name="isHead">Whether the answer has no body whatever its headers say.</param>
    /// <param name="isOver">Whether nothing more will come.</param>
    public static RawAnswer? Parse(ReadOnlySpan<byte> received, bool isHead, bool isOver)
    {
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return null;
        var lines = Encoding.Latin1.GetString(received[..end]).Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = lines[1..]
            .Select(line => line.Split(':', 2))
            .GroupBy(pair => pair[0].ToLowerInvariant(), pair => pair[1].Trim())
            .ToDictionary(group => group.Key, group => string.Join(", ", group));
        var rest = received[(end + 4)..];
        if (status is < 200 and not 101)
            return Parse(rest, isHead, isOver);
        if (isHead || status is 101 or 204 or 304)
            return new(status, headers, [], end + 4);
        if (headers.TryGetValue("content-length", out var length))
        {
            var count = int.Parse(length, CultureInfo.InvariantCulture);
            return rest.Length < count ? null : new(status, headers, rest[..count].ToArray(), end + 4 + count);
        }
        if (headers.TryGetValue("transfer-encoding", out var coding) && coding.Contains("chunked", StringComparison.OrdinalIgnoreCase))
            return Unchunk(rest, out var taken) is { } body ? new(status, headers, body, end + 4 + taken) : null;
        return isOver ? new(status, headers, rest.ToArray(), received.Length) : null;
    }

    private static byte[]? Unchunk(ReadOnlySpan<byte> rest, out int taken)
    {
        var body = new List<byte>();
        for (taken = 0; ; )
        {
            var line = rest[taken..].IndexOf("\r\n"u8);
            if (line < 0)
                return null;
            var size = int.Parse(Encoding.ASCII.GetString(rest.Slice(taken, line)), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            taken += line + 2;
            if (rest.Length < taken + size + 2)
                return null;
            body.AddRange(rest.Slice(taken, size));
            taken += size + 2;
            if (size == 0)
                return [.. body];
        }
    }
}
