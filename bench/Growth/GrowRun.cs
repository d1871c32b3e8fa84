using OrleansSagas.Bench.Reporting;

namespace OrleansSagas.Bench.Growth;

/// <summary>Measures sagas of more and more steps, and of more and more data, each on a store of its own.</summary>
internal sealed class GrowRun(BenchOptions options) : IDisposable
{
    private static readonly int[] Steps = [1, 4, 16, 64];
    private static readonly int[] Data = [0, 1 << 10, 16 << 10, 64 << 10];

    private BenchRun? _run;

    /// <summary>Measures, and prints each row when it is known; false when an answer was not as expected.</summary>
    public async Task<bool> RunAsync(TextWriter writer)
    {
        var isWell = true;
        GrowthPrinter.PrintHead(options, writer);
        foreach (
            var point in (IEnumerable<BenchOptions>)
                [.. Steps.Select(steps => options with { Steps = steps }), .. Data.Select(bytes => options with { OrderBytes = bytes })]
        )
        {
            _run = new BenchRun(point);
            using var run = _run;
            var result = (await run.RunAsync()).Runs.Single();
            GrowthPrinter.PrintRow(point, result, writer);
            isWell &= result.Load is { Errors: 0, Completed: > 0 };
        }

        return isWell;
    }

    /// <summary>Removes what is left where it was interrupted.</summary>
    public void Dispose() => _run?.Dispose();
}
