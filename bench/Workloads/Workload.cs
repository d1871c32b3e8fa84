using OrleansSagas.Bench.Raw;

namespace OrleansSagas.Bench.Workloads;

/// <summary>Makes workloads, and knows what is the same in all of them.</summary>
internal static class Workload
{
    /// <summary>Makes the workload.</summary>
    public static IWorkload Create(WorkloadKind kind, WorkloadSetup setup) =>
        kind switch
        {
            WorkloadKind.Raw => new RawWorkload(setup),
            WorkloadKind.Empty => new EmptyWorkload(setup),
            WorkloadKind.EmptyGrain => new EmptyGrainWorkload(setup),
            WorkloadKind.Engine => new EngineWorkload(setup, BenchEngine.AddSilo),
            WorkloadKind.InProcess => new EngineWorkload(setup, BenchEngine.AddInProcess),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };

    /// <summary>Whether it is another library's, in a program of its own: over PostgreSQL and HTTP only.</summary>
    public static bool IsPeer(WorkloadKind kind) => kind is WorkloadKind.Wolverine;

    /// <summary>What it is called in a report.</summary>
    public static string NameOf(WorkloadKind kind) =>
        kind switch
        {
            WorkloadKind.InProcess => "in process",
            WorkloadKind.EmptyGrain => "empty grain",
            _ => kind.ToString().ToLowerInvariant(),
        };

    /// <summary>The name of the saga type, and of its endpoint.</summary>
    public static string TypeOf(Variant variant) =>
        variant switch
        {
            Variant.Ok => "bench-ok",
            Variant.Fail => "bench-fail",
            _ => "bench-waiting",
        };

    /// <summary>Where sagas are started.</summary>
    public static string PathOf(Variant variant) => $"/sagas/{TypeOf(variant)}";

    /// <summary>The status that every saga must be answered with.</summary>
    public static SagaStatus EndOf(Variant variant) =>
        variant switch
        {
            Variant.Ok => SagaStatus.Completed,
            Variant.Fail => SagaStatus.Compensated,
            _ => SagaStatus.Running,
        };
}
