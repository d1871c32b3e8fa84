using System.Diagnostics;

namespace OrleansSagas.Bench.Measuring;

/// <summary>What this disk charges for making 4 KiB durable.</summary>
internal static class DiskSync
{
    private const int Samples = 300;

    /// <summary>The median time of appending 4 KiB and syncing, in a file of <paramref name="directory"/>.</summary>
    public static TimeSpan Measure(string directory)
    {
        var path = Path.Combine(directory, "sync.probe");
        var block = new byte[4096];
        var times = new long[Samples];
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (var i = 0; i < Samples; i++)
            {
                var start = Stopwatch.GetTimestamp();
                file.Write(block);
                file.Flush(flushToDisk: true);
                times[i] = Stopwatch.GetTimestamp() - start;
            }
        }

        File.Delete(path);
        Array.Sort(times);
        return Stopwatch.GetElapsedTime(0, times[Samples / 2]);
    }
}
