using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Measuring;
using static OrleansSagas.Bench.Reporting.ReportPrinter;

namespace OrleansSagas.Bench.Growth;

/// <summary>The table of <c>age</c> as people read it.</summary>
internal static class AgePrinter
{
    /// <summary>Prints what is the same for all rows, and the columns' names.</summary>
    public static void PrintHead(BenchOptions o, TimeSpan keep, TextWriter writer)
    {
        writer.WriteLine(
            Text(
                $"{o.Store.ToString().ToLowerInvariant()}, concurrency {o.Concurrency}, sagas removed {keep.TotalMinutes:0.#} min after their end; {Environment.ProcessorCount} processors, .NET {Environment.Version}"
            )
        );
        writer.WriteLine();
        writer.WriteLine(
            "minute   sagas/s       p50       p99     removed      stored"
                + (o.Store == StoreKind.Postgres ? "    dead sagas / others   vacuums   tables  indexes" : "")
        );
    }

    /// <summary>Prints one minute.</summary>
    public static void PrintRow(TimeSpan at, LoadResult load, long removed, long stored, TableHealth? tables, TextWriter writer)
    {
        var health = tables is null
            ? ""
            : Text(
                $"{tables.DeadSagas, 12:N0} /{tables.DeadOthers, 9:N0}{tables.SagaVacuums, 6} /{tables.OtherVacuums, 3}{tables.TableBytes >> 20, 5:N0} MiB{tables.IndexBytes >> 20, 5:N0} MiB"
            );
        writer.WriteLine(
            Text(
                $"{at.TotalMinutes, 6:0.0}{load.PerSecond, 10:N0}{Micros(load.P50Micros), 10}{Micros(load.P99Micros), 10}{removed, 12:N0}{stored, 12:N0}{health}"
            )
        );
        if (load.Errors > 0)
            writer.WriteLine(Text($"      FAILED {load.Errors:N0} errors, the first: {load.FirstError}"));
    }
}
