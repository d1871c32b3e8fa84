using OrleansSagas.Bench.Reporting;
using static OrleansSagas.Bench.Reporting.ReportPrinter;

namespace OrleansSagas.Bench.Growth;

/// <summary>Both tables as people read them.</summary>
internal static class GrowthPrinter
{
    /// <summary>Prints what is the same for all rows of <c>grow</c>, and the columns' names.</summary>
    public static void PrintHead(BenchOptions o, TextWriter writer)
    {
        writer.WriteLine(
            Text(
                $"{o.Store.ToString().ToLowerInvariant()}, {o.Transport.ToString().ToLowerInvariant()}, concurrency {o.Concurrency}, {o.Seconds:0.#} s each after {o.Warmup:0.#} s of warm-up; {Environment.ProcessorCount} processors, .NET {Environment.Version}"
            )
        );
        writer.WriteLine();
        writer.WriteLine("steps     data     sagas/s         p50     silo us   server us    stored B  allocated B   others");
    }

    /// <summary>Prints a row of <c>grow</c>, per saga.</summary>
    public static void PrintRow(BenchOptions o, RunResult run, TextWriter writer)
    {
        var server = run.ServerCpuMicrosPerSaga is { } micros ? Text($"{micros:N0}") : "-";
        var others = run.OtherCpuSeconds is { } seconds ? Text($"{seconds / run.Load.Seconds:0.00}") : "-";
        writer.WriteLine(
            Text(
                $"{o.Steps, 5}{o.OrderBytes, 9:N0}{run.Load.PerSecond, 12:N0}{Micros(run.Load.P50Micros), 12}{run.SiloCpuMicrosPerSaga, 12:N0}{server, 12}{run.StoredBytesPerSaga, 12:N0}{run.AllocatedBytesPerSaga, 13:N0}{others, 9}"
            )
        );
        if (run.Load.Errors > 0)
            writer.WriteLine(Text($"      FAILED {run.Load.Errors:N0} errors, the first: {run.Load.FirstError}"));
    }

    /// <summary>Prints the table of <c>waiting</c>.</summary>
    public static void Print(BenchOptions o, int sagas, WaitingResult empty, WaitingResult full, TextWriter writer)
    {
        writer.WriteLine(
            Text(
                $"{o.Store.ToString().ToLowerInvariant()}, {sagas:N0} waiting sagas; {Environment.ProcessorCount} processors, .NET {Environment.Version}"
            )
        );
        writer.WriteLine(
            Text(
                $"filled in {full.Filled.Seconds:N1} s: {full.Filled.PerSecond:N0} sagas/s, {(double)full.Store.Rows / sagas:0.0} rows and {(double)full.Store.Bytes / sagas:N0} B stored per saga"
            )
        );
        foreach (var failed in (Load.LoadResult[])[full.Filled, empty.Orders, full.Orders])
            if (failed.Errors > 0)
                writer.WriteLine(Text($"FAILED: {failed.Errors:N0} errors, the first: {failed.FirstError}"));
        writer.WriteLine();
        Row("", "over none", "over them");
        Row("start to ready", Text($"{empty.Ready.TotalMilliseconds:N0} ms"), Text($"{full.Ready.TotalMilliseconds:N0} ms"));
        Row("memory", Text($"{empty.MemoryBytes >> 20:N0} MiB"), Text($"{full.MemoryBytes >> 20:N0} MiB"));
        Row(
            Text($"wake-up scan, {full.Scan.Found} found"),
            Pair(empty.Scan.FirstMicros, empty.Scan.P50Micros),
            Pair(full.Scan.FirstMicros, full.Scan.P50Micros)
        );
        foreach (var (none, them) in empty.Lists.Zip(full.Lists))
            Row(Text($"list by {them.By}, {them.Items}"), Pair(none.FirstMicros, none.P50Micros), Pair(them.FirstMicros, them.P50Micros));
        Row("a new order, p50", Micros(empty.Orders.P50Micros), Micros(full.Orders.P50Micros));

        void Row(string what, string none, string them) => writer.WriteLine(Text($"{what, -30}{none, 26}{them, 26}"));
        string Pair(double first, double p50) => Text($"{Micros(p50)} (first {Micros(first)})");
    }
}
