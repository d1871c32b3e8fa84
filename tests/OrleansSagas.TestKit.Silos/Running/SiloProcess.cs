using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansSagas.TestKit.Silos.Running;

/// <summary>One life of a silo.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;
    private readonly ParentGuard _guard;
    private readonly Task _logging;

    private SiloProcess(SiloPlace place, Process process)
    {
        (Place, _process) = (place, process);
        _guard = new ParentGuard(process.Id, place.Directory);
        _logging = LogAsync(place.LogFile, process);
    }

    public SiloPlace Place { get; }

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>When it was started, by the clock that stamps its histories.</summary>
    public DateTimeOffset StartedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>How long it has been alive.</summary>
    public Stopwatch Age { get; } = Stopwatch.StartNew();

    public static SiloProcess Start(SiloPlace place)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = place.Directory,
        };
        string[] arguments =
        [
            SiloPlace.Program,
            "--urls",
            place.Address.ToString(),
            "--Sagas:Store:Path",
            Path.Combine(place.Data, "sagas.db"),
            "--Shop:Path",
            Path.Combine(place.Data, "shop.db"),
            .. place.HasDefaultPorts ? [] : ClusterArguments(place),
            .. place.Arguments,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // What the test runner sets for itself is not meant for the silo.
        foreach (
            var name in start
                .Environment.Keys.Where(name =>
                    name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
                    || name.StartsWith("DOTNET_gc", StringComparison.OrdinalIgnoreCase)
                )
                .ToList()
        )
            start.Environment.Remove(name);
        foreach (var (name, value) in place.Variables)
            start.Environment[name] = value;
        if (place.MostHeap is { } most)
            start.Environment["DOTNET_GCHeapHardLimit"] = most.ToString("x", CultureInfo.InvariantCulture);
        return new SiloProcess(place, Process.Start(start)!);
    }

    public static async Task<SiloProcess> StartReadyAsync(SiloPlace place)
    {
        var silo = Start(place);
        try
        {
            await silo.ReadyAsync();
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until sagas can be started, and answers how long after the start that was.</summary>
    public async Task<TimeSpan> ReadyAsync(CancellationToken cancellation = default)
    {
        using var http = new HttpClient { BaseAddress = Place.Address, Timeout = DefaultPatience };
        if (Place.ApiKey is not null)
            http.DefaultRequestHeaders.Authorization = new("Bearer", Place.ApiKey);
        var seen = "nothing";
        while (Age.Elapsed < DefaultPatience)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_process.HasExited)
            {
                await _logging;
                throw new InvalidOperationException(
                    $"Waited for the silo to be ready; it exited with {_process.ExitCode}. {Place.LogTail()}"
                );
            }
            try
            {
                using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative), cancellation);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return Age.Elapsed;
                seen = $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellation)}";
            }
            catch (Exception notYet) when (notYet is HttpRequestException or SocketException)
            {
                seen = notYet.Message;
            }
            await Task.Delay(Glance, cancellation);
        }
        throw new TimeoutException($"Waited {DefaultPatience} for the silo to be ready; saw last: {seen}. {Place.LogTail()}");
    }

    /// <summary>Its end, for whatever reason.</summary>
    public Task Exited => _process.WaitForExitAsync();

    /// <summary>SIGKILL: it has no chance to write, flush or say anything.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; answers its exit code.</summary>
    public Task<int> TerminateAsync(TimeSpan bound)
    {
        Send(SigTerm);
        return ExitAsync(bound);
    }

    /// <summary>SIGSTOP: it stands still, with all its connections open, until <see cref="Continue"/>.</summary>
    public void Freeze() => Send(SigStop);

    /// <summary>SIGCONT.</summary>
    public void Continue() => Send(SigCont);

    /// <summary>Waits for its exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan bound)
    {
        using var patience = new CancellationTokenSource(bound);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            await _logging;
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {bound} for the silo to exit; it still runs. {Place.LogTail()}");
        }
    }

    private static string[] ClusterArguments(SiloPlace place) =>
        [
            "--Cluster:SiloPort",
            place.ClusterPorts.Silo.ToString(CultureInfo.InvariantCulture),
            "--Cluster:GatewayPort",
            place.ClusterPorts.Gateway.ToString(CultureInfo.InvariantCulture),
        ];

    private void Send(int signal)
    {
        if (Signal(_process.Id, signal) != 0)
            throw new InvalidOperationException($"The silo did not get signal {signal}: error {Marshal.GetLastPInvokeError()}.");
    }

    public async ValueTask DisposeAsync()
    {
        _guard.Dispose();
        if (!_process.HasExited)
            await KillAsync();
        await _logging;
        _process.Dispose();
    }

    private static async Task LogAsync(string file, Process process)
    {
        await using var log = new StreamWriter(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            AutoFlush = true,
        };
        await log.WriteLineAsync($"---- silo {process.Id} ----");
        using var one = new SemaphoreSlim(1, 1);
        await Task.WhenAll(CopyAsync(process.StandardOutput), CopyAsync(process.StandardError));

        async Task CopyAsync(StreamReader from)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                await one.WaitAsync();
                await log.WriteLineAsync(line);
                one.Release();
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
