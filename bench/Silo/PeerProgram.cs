using System.Diagnostics;
using System.Reflection;
using OrleansSagas.Bench.Workloads;

namespace OrleansSagas.Bench.Silo;

/// <summary>The program that runs the peers: another one, so that their packages are not this one's. It is built with this one.</summary>
internal static class PeerProgram
{
    private const string Metadata = "PeerProgram";

    private static readonly string File =
        typeof(PeerProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == Metadata).Value
        + (OperatingSystem.IsWindows() ? ".exe" : "");

    /// <summary>Why it cannot be started; null when it can.</summary>
    public static string? Obstacle => System.IO.File.Exists(File) ? null : $"The peers are not built: {File} is missing.";

    /// <summary>How it is started for what <paramref name="options"/> say.</summary>
    public static ProcessStartInfo StartOf(SiloOptions options) =>
        new(
            File,
            [
                Workload.NameOf(options.Workload),
                Workload.PathOf(options.Variant),
                Workload.EndOf(options.Variant).ToString(),
                WorkloadSetup.PostgresSchema,
            ]
        );
}
