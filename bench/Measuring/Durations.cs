using System.Globalization;

namespace OrleansSagas.Bench.Measuring;

/// <summary>Durations as people write them on a command line.</summary>
internal static class Durations
{
    /// <summary>Reads <c>2ms</c>, <c>0.5s</c> or <c>0</c>.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var (number, milliseconds) = text switch
        {
            "0" => (text, 1),
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1),
            _ when text.EndsWith('s') => (text[..^1], 1000),
            _ => ("", 0),
        };
        var read = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value);
        duration = read ? TimeSpan.FromMilliseconds(value * milliseconds) : TimeSpan.Zero;
        return read;
    }
}
