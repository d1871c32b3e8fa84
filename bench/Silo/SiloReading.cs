using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Silo;

/// <summary>The silo's counters at one moment.</summary>
internal sealed record SiloReading(ProcessUsage Usage, WorkloadCounters Counters);
