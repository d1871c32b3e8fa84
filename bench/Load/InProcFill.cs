using System.Diagnostics;
using System.Globalization;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Load;

/// <summary>Starts sagas that wait, by method call, and returns when all of them do.</summary>
internal static class InProcFill
{
    // A start, and the failure with which its owner lets go of it.
    private const int CommitsPerSaga = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The name of the saga <paramref name="number"/> of 1 and up: its tag, its correlation id and its request's.</summary>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"waiting-{number:D10}");

    /// <summary>Starts <paramref name="count"/> of them, <paramref name="concurrency"/> at a time.</summary>
    public static async Task<LoadResult> RunAsync(IWorkload workload, WorkloadSetup setup, int concurrency, int count)
    {
        var expected = workload.Count().Commits + ((long)count * CommitsPerSaga);
        var start = Stopwatch.GetTimestamp();
        var last = 0;
        async Task<WorkerResult> StartAsync()
        {
            var result = new WorkerResult();
            for (var number = Interlocked.Increment(ref last); number <= count; number = Interlocked.Increment(ref last))
            {
                var startedAt = Stopwatch.GetTimestamp();
                var status = await workload.RunAsync(NameOf(number), setup.Order);
                if (status == Workload.EndOf(setup.Variant))
                    result.Latencies.Record((long)Stopwatch.GetElapsedTime(startedAt).TotalNanoseconds);
                else
                    result.Fail($"a saga is {status}");
            }

            return result;
        }

        var results = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(StartAsync)));
        var started = Stopwatch.GetTimestamp();
        while (workload.Count().Commits < expected && Stopwatch.GetElapsedTime(started) < Patience)
            await Task.Delay(5);

        // More are fine: where so many wait, one or two are due already.
        if (workload.Count().Commits is var commits && commits < expected)
            results[0].Fail($"{commits} commits in place of {expected}: not all of them wait");
        return LoadResult.Merge(results, Stopwatch.GetElapsedTime(start));
    }
}
