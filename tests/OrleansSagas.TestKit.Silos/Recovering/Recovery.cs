using System.Globalization;

namespace OrleansSagas.TestKit.Silos.Recovering;

/// <summary>
/// How long after a start the silo was ready, acknowledged a start, and had moved on with all that was unfinished; null where it was killed
/// before.
/// </summary>
/// <param name="Unfinished">How many sagas it found unfinished, or null where it was killed before it could say.</param>
internal sealed record Recovery(TimeSpan? Ready, TimeSpan? Acknowledged, int? Unfinished, TimeSpan? MovedOn)
{
    public override string ToString() =>
        $"ready after {Text(Ready)}, first new saga after {Text(Acknowledged)}, "
        + $"{Unfinished?.ToString(CultureInfo.InvariantCulture) ?? "?"} unfinished ones moved on after {Text(MovedOn)}";

    /// <summary>The middle and the greatest of what was measured.</summary>
    public static string Summary(string what, IEnumerable<TimeSpan?> times)
    {
        var sorted = times.OfType<TimeSpan>().Order().ToList();
        return sorted.Count == 0
            ? $"{what}: never measured"
            : $"{what}: median {Text(sorted[sorted.Count / 2])}, longest {Text(sorted[^1])} (of {sorted.Count})";
    }

    private static string Text(TimeSpan? time) =>
        time is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known.TotalSeconds:0.000} s") : "-";
}
