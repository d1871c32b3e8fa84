using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Idle;

/// <summary>What one process took to start, and what it used while nobody asked anything of it.</summary>
/// <param name="Workload">What it ran.</param>
/// <param name="Ready">From the start of the process until it listened.</param>
/// <param name="AtReady">What it had used then, with what the first reading of it costs.</param>
/// <param name="Idle">What it used while idle; the memory is that of the end.</param>
/// <param name="OtherCpuSeconds">
/// Seconds of processor time of everything else on the machine meanwhile; null where the system does not say.
/// </param>
internal sealed record IdleResult(WorkloadKind Workload, TimeSpan Ready, ProcessUsage AtReady, ProcessUsage Idle, double? OtherCpuSeconds);
