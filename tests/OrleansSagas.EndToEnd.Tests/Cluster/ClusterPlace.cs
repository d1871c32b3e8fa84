using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansSagas.Client;
using OrleansSagas.TestKit;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests.Cluster;

/// <summary>Silos that are processes of their own, over one PostgreSQL, and a way to whichever of them is there.</summary>
internal sealed class ClusterPlace : IAsyncDisposable
{
    private readonly ThrowawayPostgres _database;
    private readonly SiloPlace[] _places;
    private readonly SiloProcess?[] _silos;
    private readonly ServiceProvider _client;

    private ClusterPlace(ThrowawayPostgres database, int silos, string[] arguments)
    {
        _database = database;
        var data = Directory.CreateTempSubdirectory("orleanssagas-").FullName;
        _places =
        [
            .. Enumerable
                .Range(0, silos)
                .Select(_ => new SiloPlace
                {
                    Data = data,
                    Arguments = ["--ConnectionStrings:Sagas", database.ConnectionString, .. arguments],
                }),
        ];
        _silos = new SiloProcess?[silos];
        Http = new HttpClient(new AnySilo(this) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = _places[0].Address };
        var services = new ServiceCollection();
        services
            .AddSagaClient(options =>
            {
                options.Address = _places[0].Address;
                options.AttemptTimeout = TimeSpan.FromSeconds(15);
                options.RetryFor = TimeSpan.FromMinutes(2);
                options.RetryDelay = TimeSpan.FromMilliseconds(20);
                options.MaxRetryDelay = TimeSpan.FromMilliseconds(200);
            })
            .AddHttpMessageHandler(() => new AnySilo(this));
        _client = services.BuildServiceProvider();
        Sagas = _client.GetRequiredService<ISagaClient>();
    }

    /// <summary>A client whose every request goes to the next silo.</summary>
    public ISagaClient Sagas { get; }

    /// <summary>The same, plain.</summary>
    public HttpClient Http { get; }

    public int Count => _silos.Length;

    /// <summary>Where those listen that are there.</summary>
    public IReadOnlyList<Uri> There => [.. _places.Where((_, silo) => _silos[silo] is not null).Select(place => place.Address)];

    /// <summary>Starts so many silos, each with these arguments more, and waits until all of them take sagas.</summary>
    public static async Task<ClusterPlace> StartAsync(int silos, params string[] arguments)
    {
        var place = new ClusterPlace(await ThrowawayPostgres.StartAsync(), silos, arguments);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, silos).Select(place.StartSiloAsync));
            return place;
        }
        catch
        {
            await place.DisposeAsync();
            throw;
        }
    }

    public SiloPlace Place(int silo) => _places[silo];

    /// <summary>Starts a silo, and sends callers to it when it takes sagas.</summary>
    public async Task StartSiloAsync(int silo) => _silos[silo] = await SiloProcess.StartReadyAsync(_places[silo]);

    /// <summary>No caller is sent to the silo any more.</summary>
    public SiloProcess Leave(int silo)
    {
        var process = _silos[silo]!;
        _silos[silo] = null;
        return process;
    }

    /// <summary>How many silos at this silo's ports have been declared dead so far.</summary>
    public Task<long> DeadAsync(int silo) =>
        CountAsync("SELECT count(*) FROM orleans.orleansmembershiptable WHERE port = $1 AND status = 6", _places[silo].ClusterPorts.Silo);

    /// <summary>Whether the store takes commits of a silo at this silo's ports.</summary>
    public async Task<bool> IsInStoreAsync(int silo) =>
        await CountAsync("SELECT count(*) FROM sagas.engine WHERE name LIKE $1", $"%:{_places[silo].ClusterPorts.Silo}@%") > 0;

    private async Task<long> CountAsync(string query, object argument)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand(query, connection) { Parameters = { new() { Value = argument } } };
        return (long)(await count.ExecuteScalarAsync())!;
    }

    /// <summary>What every silo has said last, for a failure message; the directories stay.</summary>
    public string Keep()
    {
        foreach (var place in _places)
            place.IsKept = true;
        return string.Join(
            Environment.NewLine,
            _places.Select((place, silo) => string.Create(CultureInfo.InvariantCulture, $"Silo {silo}: {place.LogTail()}"))
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        Http.Dispose();
        foreach (var silo in _silos.OfType<SiloProcess>())
        {
            await silo.KillAsync();
            await silo.DisposeAsync();
        }

        var isKept = _places[0].IsKept;
        foreach (var place in _places)
            place.Dispose();
        if (!isKept)
            Directory.Delete(_places[0].Data, recursive: true);
        await _database.DisposeAsync();
    }

    /// <summary>Sends each request to the next silo that is there, as a balancer in front of them would.</summary>
    private sealed class AnySilo(ClusterPlace cluster) : DelegatingHandler
    {
        private int _turn;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var there = cluster.There;
            if (there.Count == 0)
                throw new HttpRequestException("No silo is there.");
            request.RequestUri = new Uri(
                there[(int)((uint)Interlocked.Increment(ref _turn) % (uint)there.Count)],
                request.RequestUri!.PathAndQuery
            );
            return base.SendAsync(request, cancellationToken);
        }
    }
}
