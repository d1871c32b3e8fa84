using System.Globalization;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage;

/// <summary>
/// Where a page of a listing begins and ends, in every store alike: the newest saga first, by the numbers that the store gave them.
/// </summary>
internal static class PageBounds
{
    private const int Largest = 1_000;

    /// <summary>The number before which the page begins.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The page's limit is out of its range.</exception>
    /// <exception cref="FormatException">The cursor is not one of this store's.</exception>
    internal static long Before(SagaQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Limit is < 1 or > Largest)
            throw new ArgumentOutOfRangeException(nameof(query), "SagaQuery.Limit must be from 1 to 1,000.");
        if (query.After is not { } after)
            return long.MaxValue;
        return long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException("This is no cursor of this store. Take the one that came with the page before.");
    }

    /// <summary>The cursor of the page that comes after the saga with the number <paramref name="last"/>.</summary>
    internal static string After(long last) => last.ToString(CultureInfo.InvariantCulture);

    /// <summary>A bound of stored times, which are whole milliseconds: one between two of them is the later one.</summary>
    internal static long Milliseconds(DateTimeOffset bound)
    {
        var milliseconds = bound.ToUnixTimeMilliseconds();
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) < bound ? milliseconds + 1 : milliseconds;
    }
}
