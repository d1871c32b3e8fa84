using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Client;

namespace OrleansSagas.TestKit.Silos.Running;

/// <summary>Where a silo lives, over all its starts: its directory, its port, its log.</summary>
internal sealed class SiloPlace : IDisposable
{
    private const int TailLines = 60;

    private readonly List<IDisposable> _clients = [];

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("orleanssagas-").FullName;

    public int Port { get; } = LoopbackPort.Free();

    /// <summary>For other silos and for clients of a cluster.</summary>
    public (int Silo, int Gateway) ClusterPorts { get; } = (LoopbackPort.Free(), LoopbackPort.Free());

    /// <summary>Whether the silo is told nothing of the <see cref="ClusterPorts"/>. Default: no.</summary>
    public bool HasDefaultPorts { get; init; }

    public Uri Address => new($"http://127.0.0.1:{Port}/");

    public string LogFile => Path.Combine(Directory, "silo.log");

    /// <summary>Where its databases are. Default: its directory.</summary>
    public string Data
    {
        get => field ?? Directory;
        init;
    }

    /// <summary>More arguments of the silo. Default: none.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>More environment variables of the silo. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; set; } = new Dictionary<string, string>();

    /// <summary>How much managed memory the silo may have, in bytes: it dies of more. Default: as much as there is.</summary>
    public long? MostHeap { get; init; }

    /// <summary>The key that the silo asks for. Default: none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Whether the directory stays, for somebody to look into. Default: no.</summary>
    public bool IsKept { get; set; }

    /// <summary>The program, as the project's build left it.</summary>
    public static string Program { get; } = FindProgram();

    /// <summary>A client of this silo.</summary>
    public ISagaClient Client(Action<SagaClientOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSagaClient(options =>
        {
            options.Address = Address;
            options.ApiKey = ApiKey;
            options.RetryDelay = TimeSpan.FromMilliseconds(20);
            options.MaxRetryDelay = TimeSpan.FromMilliseconds(100);
            configure?.Invoke(options);
        });
        var provider = services.BuildServiceProvider();
        _clients.Add(provider);
        return provider.GetRequiredService<ISagaClient>();
    }

    /// <summary>A plain client of this silo.</summary>
    public HttpClient Http()
    {
        var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(20) };
        if (ApiKey is not null)
            http.DefaultRequestHeaders.Authorization = new("Bearer", ApiKey);
        _clients.Add(http);
        return http;
    }

    /// <summary>The end of what the silo has said, for a failure message.</summary>
    public string LogTail()
    {
        if (!File.Exists(LogFile))
            return "(the silo has said nothing)";
        using var log = new StreamReader(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = log.ReadToEnd().TrimEnd().Split('\n');
        return $"The last lines of {LogFile}:{Environment.NewLine}{string.Join(Environment.NewLine, lines.TakeLast(TailLines))}";
    }

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
        if (IsKept)
            return;
        try
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
        catch (IOException)
        {
            // The system's own cleaning takes it.
        }
    }

    private static string FindProgram()
    {
        var path = typeof(SiloPlace).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "Silo").Value!;
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"The silo is not built: {path} is missing. Build the solution first.", path);
    }
}
