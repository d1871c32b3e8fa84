using OrleansSagas.Bench.Workloads;
using static OrleansSagas.Bench.Reporting.ReportPrinter;

namespace OrleansSagas.Bench.Idle;

/// <summary>The table of <c>idle</c> as people read it.</summary>
internal static class IdlePrinter
{
    /// <summary>Prints what is the same for all rows, and the columns' names.</summary>
    public static void PrintHead(BenchOptions o, TextWriter writer)
    {
        var store = o.Store.ToString().ToLowerInvariant();
        var collector = o.ServerCollector ? "server" : "workstation";
        writer.WriteLine(
            Text($"{store}, {o.Seconds:0.#} s without load; {Environment.ProcessorCount} processors, .NET {Environment.Version}")
                + Text($", {collector} collector")
        );
        writer.WriteLine();
        writer.WriteLine("                 ready in    CPU until    MiB then    CPU idle    allocated idle   others");
    }

    /// <summary>Prints a row.</summary>
    public static void PrintRow(IdleResult result, TimeSpan duration, TextWriter writer)
    {
        var others = result.OtherCpuSeconds is { } seconds ? Text($"{seconds / duration.TotalSeconds:0.00}") : "-";
        var (ready, idle) = (result.AtReady, result.Idle);
        writer.WriteLine(
            Text($"{NameOf(result.Workload), -15}{result.Ready.TotalSeconds, 8:0.00} s{ready.CpuSeconds, 11:0.00} s")
                + Text(
                    $"{ready.WorkingSetBytes >> 20, 12:N0}{idle.CpuSeconds * 1000, 9:N0} ms{idle.AllocatedBytes / 1024, 14:N0} KiB{others, 9}"
                )
        );
    }

    private static string NameOf(WorkloadKind workload) =>
        workload switch
        {
            WorkloadKind.EmptyGrain => "empty silo",
            _ => Workload.NameOf(workload),
        };
}
