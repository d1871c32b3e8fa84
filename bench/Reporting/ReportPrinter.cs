using System.Globalization;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Reporting;

/// <summary>The result as a few lines for people.</summary>
internal static class ReportPrinter
{
    // The kernel's own threads show as others, too; on a quiet machine that is below 0.1 cores.
    private const double Disturbed = 0.2;

    /// <summary>Prints <paramref name="report"/>.</summary>
    public static void Print(BenchReport report, TextWriter writer)
    {
        var o = report.Options;
        writer.WriteLine(
            Text(
                $"{o.Store.ToString().ToLowerInvariant()}, {Engine(o.Silos)}, {o.Transport.ToString().ToLowerInvariant()}, {o.Variant.ToString().ToLowerInvariant()}, concurrency {o.Concurrency}, {o.Seconds:0.#} s after {o.Warmup:0.#} s of warm-up; {report.Processors} processors, .NET {report.Runtime}, {(o.ServerCollector ? "server" : "workstation")} collector"
            )
        );
        var delay = o.SyncDelay > TimeSpan.Zero ? Text($", and {o.SyncDelay.TotalMilliseconds:0.###} ms added to each transaction") : "";
        writer.WriteLine(Text($"disk: {report.DiskSyncMicros:0} us to append 4 KiB and sync (p50){delay}"));
        foreach (var run in report.Runs)
            Print(run, writer);
        if (report.Comparisons.Count > 0)
            writer.WriteLine();
        foreach (var comparison in report.Comparisons)
            Print(comparison, writer);
    }

    private static void Print(Comparison c, TextWriter writer)
    {
        var server = c.CpuWithServer is { } cpu ? Text($" ({cpu:0.00}x with the server's)") : "";
        writer.WriteLine(
            Text($"engine / {Workload.NameOf(c.With)}: {c.PerSecond:0.00}x the sagas/s, {c.P50:0.00}x the p50")
                + Text($"; per saga {c.Cpu:0.00}x the CPU{server}, {c.Allocated:0.00}x the bytes allocated")
        );
    }

    private static void Print(RunResult run, TextWriter writer)
    {
        var load = run.Load;
        writer.WriteLine();
        writer.WriteLine(
            Text(
                $"{Workload.NameOf(run.Workload), -11}{load.PerSecond, 10:N0} sagas/s   p50 {Micros(load.P50Micros)}   p95 {Micros(load.P95Micros)}   p99 {Micros(load.P99Micros)}"
            )
        );
        if (run.CommitsPerTransaction is { } shared)
            writer.WriteLine(
                Text(
                    $"    per saga  {run.CommitsPerSaga:0.##} commits, {run.RowsPerSaga:0.##} rows, {run.StoredBytesPerSaga:N0} B stored, {Written(run)}   {shared:0.0} commits/transaction"
                )
            );
        writer.WriteLine(
            Text(
                $"    silo      {Usage(run.Silo, load.Seconds)}, {run.SiloCpuMicrosPerSaga:0.0} us and {run.AllocatedBytesPerSaga:N0} B allocated per saga"
            )
        );
        if (run.Server is { } server)
            writer.WriteLine(
                Text($"    server    {server.CpuSeconds / load.Seconds:0.00} cores, {run.ServerCpuMicrosPerSaga:0.0} us per saga")
            );
        if (run.Generator is { } generator)
            writer.WriteLine(Text($"    generator {Usage(generator, load.Seconds)}"));
        if (run.OtherCpuSeconds is { } other)
            writer.WriteLine(
                Text(
                    $"    others    {other / load.Seconds:0.00} cores{(other / load.Seconds > Disturbed ? ": DISTURBED, measure again" : "")}"
                )
            );
        if (load.Errors > 0)
            writer.WriteLine(Text($"    FAILED    {load.Errors:N0} errors, the first: {load.FirstError}"));
    }

    private static string Engine(int silos) => silos == 1 ? "a cluster of 1 silo" : Text($"a cluster of {silos} silos");

    private static string Usage(ProcessUsage usage, double seconds) =>
        Text($"{usage.CpuSeconds / seconds:0.00} cores, {usage.WorkingSetBytes / (1024.0 * 1024):N0} MiB");

    private static string Written(RunResult run) =>
        run.WrittenBytesPerSaga is { } written ? Text($"{written:N0} B to disk") : "bytes to disk unknown";

    internal static string Micros(double micros) => micros < 10_000 ? Text($"{micros:N0} us") : Text($"{micros / 1000:N1} ms");

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
