using System.Diagnostics;
using System.Text;

namespace OrleansSagas.EndToEnd.Tests.Packing;

/// <summary>Runs <c>dotnet</c> as a person at a terminal does, with an end to every run.</summary>
internal static class DotnetTool
{
    /// <summary>What the test runner sets for itself, and not for the processes that it starts.</summary>
    private static readonly string[] OfTheRunner = ["MSBUILD", "VSTEST", "ASPNETCORE_", "DOTNET_gc", "DOTNET_LAUNCH"];

    /// <summary>Runs it to its end, and answers what it wrote to its output and to its errors.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0; the message has what it wrote.</exception>
    /// <exception cref="TimeoutException">It did not end in time, and was killed; the message has what it wrote.</exception>
    public static async Task<string> RunAsync(
        string folder,
        IReadOnlyDictionary<string, string> variables,
        TimeSpan limit,
        params string[] arguments
    )
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (
            var name in start
                .Environment.Keys.Where(name => OfTheRunner.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
                .ToList()
        )
            start.Environment.Remove(name);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        // Nothing stays behind that holds the output open: no node that waits for the next build, no compiler that waits for the next call.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";

        var said = new StringBuilder();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Add(said, line.Data);
        process.ErrorDataReceived += (_, line) => Add(said, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"Waited {limit} for '{Text(arguments)}' in {folder} to end; it still ran, and was killed. "
                    + $"It wrote:{Environment.NewLine}{All(said)}"
            );
        }
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"'{Text(arguments)}' in {folder} ended with {process.ExitCode}. It wrote:{Environment.NewLine}{All(said)}"
            );
        return All(said);
    }

    private static string Text(string[] arguments) => $"dotnet {string.Join(' ', arguments)}";

    private static void Add(StringBuilder said, string? line)
    {
        lock (said)
            said.AppendLine(line);
    }

    private static string All(StringBuilder said)
    {
        lock (said)
            return said.ToString();
    }
}
