using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansSagas.TestKit;

/// <summary>A PostgreSQL server of one's own: from the binaries of this machine, as an unprivileged user, on a free loopback port, with the
/// server's own defaults of durability, in a directory that goes with it.</summary>
internal sealed class ThrowawayPostgres : IAsyncDisposable
{
    /// <summary>The superuser; it needs no password on loopback.</summary>
    public const string User = "sagas";

    private const int OldestVersion = 15;

    /// <summary>
    /// The shell ends the server when its own input ends: with this process, however that ends. More than once, because a server that is
    /// just beginning ignores it.
    /// </summary>
    private const string Guard = """
        "$@" </dev/null >>"$0" 2>&1 & server=$!
        cat >/dev/null
        while :; do kill -QUIT $server 2>/dev/null; sleep 0.1; done & again=$!
        wait $server
        kill $again
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _binaries;
    private readonly string _directory;
    private readonly (string User, string Group)? _account;
    private readonly int _port = LoopbackPort.Free();
    private Process? _guard;

    private ThrowawayPostgres(string binaries, string directory, (string, string)? account) =>
        (_binaries, _directory, _account) = (binaries, directory, account);

    /// <summary>Why there cannot be one here; null when there can.</summary>
    public static string? Obstacle { get; } =
        OperatingSystem.IsWindows() ? "A throwaway PostgreSQL server needs Linux or macOS."
        : FindBinaries() is null ? $"PostgreSQL {OldestVersion} or newer is not installed here (on Debian: apt-get install postgresql)."
        : Environment.UserName == "root" && Account() is null
            ? "PostgreSQL refuses to run as root, and there is no user postgres or nobody."
        : null;

    /// <summary>How to reach the database <c>postgres</c>.</summary>
    public string ConnectionString =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Database=postgres;Username={User}");

    /// <summary>Makes and starts one below <paramref name="parent"/>.</summary>
    /// <param name="parent">A directory on the disk to use; null for the system's temporary one.</param>
    /// <param name="settings">Further settings, such as <c>max_connections=20</c>.</param>
    public static async Task<ThrowawayPostgres> StartAsync(string? parent = null, params string[] settings)
    {
        if (Obstacle is { } obstacle)
            throw new InvalidOperationException(obstacle);
        var directory = Path.Combine(parent ?? Path.GetTempPath(), "pg-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(directory);
        var server = new ThrowawayPostgres(FindBinaries()!, directory, Environment.UserName == "root" ? Account() : null);
        try
        {
            if (server._account is { } account)
                await RunAsync("chown", "-R", $"{account.User}:{account.Group}", directory);
            await server.RunAsUserAsync(
                "initdb",
                "-D",
                server.Data,
                "-U",
                User,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions"
            );
            await File.AppendAllLinesAsync(
                Path.Combine(server.Data, "postgresql.conf"),
                [
                    "listen_addresses = '127.0.0.1'",
                    "unix_socket_directories = ''",
                    string.Create(CultureInfo.InvariantCulture, $"port = {server._port}"),
                    .. settings,
                ]
            );
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private string Data => Path.Combine(_directory, "data");

    /// <summary>Starts it (again) and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var start = Command("sh", "-c", Guard, Path.Combine(_directory, "log"), Path.Combine(_binaries, "postgres"), "-D", Data);
            start.RedirectStandardInput = true;
            _guard?.Dispose();
            _guard = Process.Start(start)!;
            var began = clock.Elapsed;
            while (clock.Elapsed < Patience)
            {
                if (await IsReadyAsync())
                    return;
                if (ReadPid() is null && clock.Elapsed - began > TimeSpan.FromSeconds(1))
                    break; // it ended: a child of the one before may still have held the data
                await Task.Delay(20);
            }

            if (clock.Elapsed >= Patience)
                throw new TimeoutException(
                    $"PostgreSQL did not start within {Patience.TotalSeconds} s: "
                        + $"{await File.ReadAllTextAsync(Path.Combine(_directory, "log"))}"
                );
            await ReleaseGuardAsync();
        }
    }

    /// <summary>Stops it without a goodbye to its clients and without a checkpoint, as <c>pg_ctl stop -m immediate</c> does.</summary>
    public async Task StopImmediatelyAsync()
    {
        await SignalAsync("QUIT", Pid());
        await ReleaseGuardAsync();
    }

    /// <summary>Kills the server and all its children.</summary>
    public async Task KillAsync()
    {
        var postmaster = Pid();
        var children = Children(postmaster);
        await SignalAsync("KILL", [postmaster, .. children]);
        await ReleaseGuardAsync();
        File.Delete(Path.Combine(Data, "postmaster.pid"));
    }

    /// <summary>The server's processes.</summary>
    public IEnumerable<int> Processes() => [Pid(), .. Children(Pid())];

    /// <summary>Stops the server's processes where they are, and lets them go on.</summary>
    public async Task FreezeAsync(bool frozen)
    {
        var postmaster = Pid();
        await SignalAsync(frozen ? "STOP" : "CONT", [postmaster, .. Children(postmaster)]);
    }

    /// <summary>Writes a schema and all that is in it to <paramref name="file"/>, as statements that any client can send.</summary>
    public async Task DumpAsync(string schema, string file)
    {
        const string dump = "dump.sql"; // in a directory that the server's user may write to
        await RunAsUserAsync(
            "pg_dump",
            "-h",
            "127.0.0.1",
            "-p",
            _port.ToString(CultureInfo.InvariantCulture),
            "-U",
            User,
            "-d",
            "postgres",
            "-n",
            schema,
            "-f",
            dump,
            "--no-owner",
            "--inserts",
            "--rows-per-insert=1000"
        );
        var lines = File.ReadLinesAsync(Path.Combine(_directory, dump));
        await File.WriteAllLinesAsync(
            file,
            await lines.Where(line => !line.StartsWith('\\') && !line.StartsWith("--", StringComparison.Ordinal)).ToListAsync()
        );
    }

    /// <summary>Stops it and removes its directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_guard is not null)
        {
            if (!_guard.HasExited && ReadPid() is { } pid)
                await SignalAsync("QUIT", pid);
            await ReleaseGuardAsync();
            _guard.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static string? FindBinaries()
    {
        (string Root, string Pattern)[] places =
        [
            ("/usr/lib/postgresql", "*"),
            ("/usr", "pgsql-*"),
            ("/opt/homebrew/opt", "postgresql*"),
            ("/usr/local/opt", "postgresql*"),
        ];
        var folders = places
            .Where(place => Directory.Exists(place.Root))
            .SelectMany(place => Directory.GetDirectories(place.Root, place.Pattern))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            .SelectMany(folder => new[] { Path.Combine(folder, "bin"), folder });
        return folders
            .Where(folder => IsThere(Path.Combine(folder, "initdb")) && IsThere(Path.Combine(folder, "postgres")))
            .Select(folder => (folder, version: Version(folder)))
            .Where(found => found.version >= OldestVersion)
            .OrderByDescending(found => found.version)
            .Select(found => found.folder)
            .FirstOrDefault();
    }

    /// <summary>Not a link that leads nowhere.</summary>
    private static bool IsThere(string file) =>
        File.Exists(file) && new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true) is null or { Exists: true };

    private static int Version(string folder)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(folder, "postgres"), "--version") { RedirectStandardOutput = true }
        )!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var number = said.Split(' ').FirstOrDefault(word => word.Length > 0 && char.IsAsciiDigit(word[0]));
        return int.TryParse(number?.Split('.')[0].TrimEnd('\n'), CultureInfo.InvariantCulture, out var major) ? major : 0;
    }

    /// <summary>The numbers of an unprivileged user and its group, to run as when this process is root.</summary>
    private static (string User, string Group)? Account()
    {
        var users = File.Exists("/etc/passwd")
            ? File.ReadAllLines("/etc/passwd").Select(line => line.Split(':')).Where(user => user.Length > 3)
            : [];
        return users
            .Where(user => user[0] is "postgres" or "nobody")
            .OrderByDescending(user => user[0], StringComparer.Ordinal)
            .Select(user => ((string, string)?)(user[2], user[3]))
            .FirstOrDefault();
    }

    private static IEnumerable<int> Children(int parent) =>
        Directory
            .GetDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _))
            .Where(folder => ParentOf(folder) == parent)
            .Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));

    private static int? ParentOf(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // it ended meanwhile
        }
    }

    private static Task SignalAsync(string signal, params int[] processes) =>
        RunAsync(
            "sh",
            ["-c", $"kill -{signal} \"$@\" 2>/dev/null || true", "sh", .. processes.Select(p => p.ToString(CultureInfo.InvariantCulture))]
        );

    private static async Task RunAsync(string program, params string[] arguments) =>
        await RunAsync(new ProcessStartInfo(program, arguments));

    private static async Task RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{start.FileName} failed: {await output}{await error}");
    }

    private Task RunAsUserAsync(string program, params string[] arguments) =>
        RunAsync(Command(Path.Combine(_binaries, program), arguments));

    private ProcessStartInfo Command(string program, params string[] arguments) =>
        _account is { } account
            ? new ProcessStartInfo("setpriv", ["--reuid", account.User, "--regid", account.Group, "--clear-groups", program, .. arguments])
            {
                WorkingDirectory = _directory,
            }
            : new ProcessStartInfo(program, arguments) { WorkingDirectory = _directory };

    private async Task<bool> IsReadyAsync()
    {
        using var asked = Process.Start(
            new ProcessStartInfo(
                Path.Combine(_binaries, "pg_isready"),
                ["-q", "-h", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture)]
            )
        )!;
        await asked.WaitForExitAsync();
        return asked.ExitCode == 0;
    }

    private int Pid() => ReadPid() ?? throw new InvalidOperationException("The PostgreSQL server does not run.");

    private int? ReadPid()
    {
        var file = Path.Combine(Data, "postmaster.pid");
        try
        {
            return
                File.Exists(file)
                && int.TryParse(File.ReadLines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var pid)
                && Directory.Exists($"/proc/{pid}")
                ? pid
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The guard ends when the server has.</summary>
    private async Task ReleaseGuardAsync()
    {
        if (_guard!.HasExited)
            return;
        _guard.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        await _guard.WaitForExitAsync(patience.Token);
    }
}
