using System.Diagnostics;
using OrleansSagas.Storage;

namespace OrleansSagas.Bench.Measuring;

/// <summary>What the engine's look for sagas to wake up takes: both questions of it, with nothing or next to nothing to be found.</summary>
/// <param name="FirstMicros">The first look, in microseconds.</param>
/// <param name="P50Micros">The median look, in microseconds.</param>
/// <param name="Found">How many sagas the last one found.</param>
internal sealed record WakeUpScan(double FirstMicros, double P50Micros, int Found)
{
    private const int Looks = 20;

    // As the engine asks.
    private const int PageSize = 256;
    private static readonly TimeSpan Ahead = new SagaOptions().IdleAfter;

    /// <summary>Looks some twenty times.</summary>
    public static async Task<WakeUpScan> MeasureAsync(ISagaStore store)
    {
        var times = new double[Looks];
        var found = 0;
        for (var i = 0; i < Looks; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var orphans = await store.FindOrphansAsync(
                SagaPartition.All,
                [new Incarnation(long.MaxValue)],
                null,
                PageSize,
                CancellationToken.None
            );
            var due = await store.FindDueAsync(SagaPartition.All, DateTimeOffset.UtcNow + Ahead, null, PageSize, CancellationToken.None);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            found = orphans.Count + due.Count;
        }

        return new WakeUpScan(times[0], times.Order().ElementAt(Looks / 2), found);
    }
}
