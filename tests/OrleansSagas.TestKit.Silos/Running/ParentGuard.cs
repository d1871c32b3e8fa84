using System.Diagnostics;

namespace OrleansSagas.TestKit.Silos.Running;

/// <summary>A shell that waits at the other end of a pipe: when the test runner dies, however it does, the pipe closes and
/// the shell kills the silo, after a look that the process is still the one with that directory.</summary>
internal sealed class ParentGuard : IDisposable
{
    private const string Script = """cat >/dev/null; tr '\0' ' ' <"/proc/$0/cmdline" 2>/dev/null | grep -qF -- "$1" && kill -9 "$0" """;

    private readonly Process? _shell;

    public ParentGuard(int process, string directory)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
        foreach (var argument in (string[])["-c", Script, $"{process}", directory])
            start.ArgumentList.Add(argument);
        _shell = Process.Start(start);
    }

    public void Dispose()
    {
        if (_shell is null)
            return;
        _shell.Kill(entireProcessTree: true);
        _shell.WaitForExit();
        _shell.Dispose();
    }
}
