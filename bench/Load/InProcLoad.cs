using System.Diagnostics;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Load;

/// <summary>The closed loop by method call.</summary>
internal static class InProcLoad
{
    /// <summary>Keeps <paramref name="concurrency"/> sagas under way for <paramref name="duration"/> and waits for the last ones.</summary>
    public static async Task<LoadResult> RunAsync(IWorkload workload, WorkloadSetup setup, int concurrency, TimeSpan duration)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var start = Stopwatch.GetTimestamp();
        var until = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var workers = Enumerable
            .Range(0, concurrency)
            .Select(i => Task.Run(() => RunUntilAsync(workload, setup, $"bench-{run}-{i}", until)));
        var results = await Task.WhenAll(workers);
        return LoadResult.Merge(results, Stopwatch.GetElapsedTime(start));
    }

    private static async Task<WorkerResult> RunUntilAsync(IWorkload workload, WorkloadSetup setup, string name, long until)
    {
        var result = new WorkerResult();
        var expected = Workload.EndOf(setup.Variant);
        for (var number = 1L; Stopwatch.GetTimestamp() < until; number++)
        {
            var key = $"{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds():D13}-{name}-{number}";
            var startedAt = Stopwatch.GetTimestamp();
            var status = await workload.RunAsync(key, setup.Order);
            if (status == expected)
                result.Latencies.Record((long)Stopwatch.GetElapsedTime(startedAt).TotalNanoseconds);
            else
                result.Fail($"a saga ended {status}");
        }

        return result;
    }
}
