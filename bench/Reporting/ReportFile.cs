using System.Text.Json;

namespace OrleansSagas.Bench.Reporting;

/// <summary>The result as a file.</summary>
internal static class ReportFile
{
    private static readonly BenchJson Indented = new(new JsonSerializerOptions(BenchJson.Default.Options) { WriteIndented = true });

    /// <summary>Writes <paramref name="report"/> to <paramref name="file"/>, replacing it.</summary>
    public static async Task WriteAsync(BenchReport report, FileInfo file)
    {
        file.Directory?.Create();
        await using var stream = file.Create();
        await JsonSerializer.SerializeAsync(stream, report, Indented.BenchReport);
    }
}
