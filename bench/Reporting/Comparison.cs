using System.Text.Json.Serialization;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Reporting;

/// <summary>
/// The engine's figures divided by those of something else that was measured in the same run; of several rounds the median.
/// </summary>
internal sealed record Comparison
{
    /// <summary>What the engine was compared with.</summary>
    public required WorkloadKind With { get; init; }

    /// <summary>Sagas per second.</summary>
    public required double PerSecond { get; init; }

    /// <summary>The median latency.</summary>
    public required double P50 { get; init; }

    /// <summary>Processor time of the measured process per saga.</summary>
    public required double Cpu { get; init; }

    /// <summary>The same with the time of the database's server; null where there is none of the run's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CpuWithServer { get; init; }

    /// <summary>Bytes that the measured process allocated per saga.</summary>
    public required double Allocated { get; init; }

    /// <summary>Compares the engine with all else that was measured; nothing where the engine was not.</summary>
    public static IReadOnlyList<Comparison> Of(IReadOnlyList<RunResult> runs)
    {
        var engine = runs.Where(run => run.Workload == WorkloadKind.Engine).ToList();
        var others = runs.Where(run => run.Workload != WorkloadKind.Engine).GroupBy(run => run.Workload);
        return engine.Count == 0 ? [] : [.. others.Select(other => Of(engine, [.. other]))];
    }

    private static Comparison Of(List<RunResult> engine, List<RunResult> others)
    {
        double Median(Func<RunResult, double> figure)
        {
            var ratios = engine.Zip(others, (one, other) => figure(one) / figure(other)).Order().ToList();
            return (ratios[ratios.Count / 2] + ratios[(ratios.Count - 1) / 2]) / 2;
        }

        return new Comparison
        {
            With = others[0].Workload,
            PerSecond = Median(run => run.Load.PerSecond),
            P50 = Median(run => run.Load.P50Micros),
            Cpu = Median(run => run.SiloCpuMicrosPerSaga),
            CpuWithServer = engine[0].Server is null ? null : Median(run => run.SiloCpuMicrosPerSaga + (run.ServerCpuMicrosPerSaga ?? 0)),
            Allocated = Median(run => run.AllocatedBytesPerSaga),
        };
    }
}
