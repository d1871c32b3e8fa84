using System.Text;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Load;

/// <summary>What every request is and what every answer must be.</summary>
/// <param name="Address">Where the silo listens.</param>
/// <param name="Path">What is posted to.</param>
/// <param name="Body">The body of every request, JSON.</param>
/// <param name="Expected">What every answer's body must contain, such as <c>"status":"Completed"</c>.</param>
internal sealed record LoadTarget(Uri Address, string Path, ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte> Expected)
{
    /// <summary>Orders, and their ends, as <paramref name="options"/> say.</summary>
    public static LoadTarget Of(BenchOptions options, Uri silo) =>
        new(
            silo,
            Workload.PathOf(options.Variant),
            OrderData.OfSize(options.OrderBytes),
            Encoding.UTF8.GetBytes($"\"status\":\"{Workload.EndOf(options.Variant)}\"")
        );
}
