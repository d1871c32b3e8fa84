using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Testing;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.TestKit;

namespace OrleansSagas.Orleans.Tests;

/// <summary>A cluster of silos that come and go, over one SQLite file.</summary>
internal sealed class ClusterFixture : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SharedSagaStore _store;
    private InProcessTestCluster? _cluster;

    public ClusterFixture(params SagaDefinition[] definitions)
    {
        Definitions = definitions;
        _store = new SharedSagaStore(
            new SqliteSagaStore(new SqliteSagaStoreOptions { Path = _folder.File("sagas.db") }, SagaRuntime.System)
        );
    }

    /// <summary>What the silos that start from now on define.</summary>
    public SagaDefinition[] Definitions { get; set; }

    public SagaRuntime Runtime { get; init; } = SagaRuntime.System;

    public Action<SagaOptions> Options { get; init; } = _ => { };

    public Action<SagaClusterOptions> Cluster { get; init; } = _ => { };

    /// <summary>A directory of the saga grains that the test splits; null for that of the cluster.</summary>
    public SplitDirectory? Directory { get; init; }

    public ISagaStore Store => _store.Inner;

    /// <summary>What silos that start from now on say of the stored form that they can read; null for what is true.</summary>
    public int? PretendedForm
    {
        set => _store.PretendedForm = value;
    }

    /// <summary>Which silo warned of what, in the words of the engine's log.</summary>
    public ConcurrentQueue<(string Silo, string Text)> Warnings { get; } = [];

    public IReadOnlyList<InProcessSiloHandle> Silos => _cluster!.Silos;

    public IClusterClient Client => _cluster!.Client;

    public async Task<ClusterFixture> StartAsync(short silos)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo(
            (options, silo) =>
            {
                silo.Services.AddSingleton<ILoggerProvider>(new WarningLog(options.SiloName, Warnings));
                silo.Services.AddSingleton(Runtime);
                silo.Services.AddSingleton<ISagaStore>(_ => _store.Connect());
                GrainDirectoryStop.AddTo(silo);
                silo.UseInMemoryReminderService();
                silo.Configure<ClusterMembershipOptions>(membership =>
                {
                    // What takes seconds in a cluster takes tenths of them here.
                    membership.ProbeTimeout = TimeSpan.FromMilliseconds(500);
                    membership.TableRefreshTimeout = TimeSpan.FromSeconds(2);
                    membership.NumMissedProbesLimit = 2;
                });
                Directory?.AddTo(silo, "sagas.saga");
                silo.AddSagas(
                    sagas =>
                    {
                        foreach (var definition in Definitions)
                            sagas.Add(definition);
                        sagas.Configure(Options);
                    },
                    Cluster
                );
            }
        );
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        return this;
    }

    public SagaService SagasOf(int silo) => Of<SagaService>(silo);

    public SagaService AnySagas(Random random)
    {
        var silos = Silos;
        return silos[random.Next(silos.Count)].ServiceProvider.GetRequiredService<SagaService>();
    }

    public T Of<T>(int silo)
        where T : notnull => Silos[silo].ServiceProvider.GetRequiredService<T>();

    /// <summary>How many sagas are in memory.</summary>
    public int Held() => Silos.Sum(silo => silo.ServiceProvider.GetRequiredService<SagaProcesses>().ActiveSagas);

    /// <summary>A silo dies; what it still does is not written.</summary>
    public async Task KillAsync(InProcessSiloHandle silo)
    {
        await _store.KillAsync(silo.SiloAddress);
        await _cluster!.KillSiloAsync(silo);
    }

    /// <summary>Takes a saga's activation away, as the directory does when it finds two.</summary>
    public Task DeactivateAsync(SagaKey saga) => _cluster!.DeactivateAsync(Client.Saga(saga));

    public Task StopAsync(InProcessSiloHandle silo) => _cluster!.StopSiloAsync(silo);

    public Task AddAsync() => _cluster!.StartAdditionalSiloAsync();

    public static StartSaga Start(string type, string id, string? requestId = null) =>
        new()
        {
            Type = type,
            Data = JsonSerializer.SerializeToUtf8Bytes(new Job(id), JsonSerializerOptions.Web),
            Id = new SagaId(id),
            RequestId = requestId,
        };

    /// <summary>Waits for the saga's end, in the store.</summary>
    public async Task<SagaRow> EndAsync(string id, TimeSpan patience)
    {
        var began = Environment.TickCount64;
        while (true)
        {
            var saga = await Store.LoadAsync(new SagaKey(new SagaId(id)), CancellationToken.None);
            Assert.NotNull(saga);
            if (saga.Row.Status.IsTerminal())
                return saga.Row;
            Assert.True(
                Environment.TickCount64 - began < patience.TotalMilliseconds,
                $"Waited {patience} for the end of {id}: {saga.Row.Status}, owner {saga.Row.Owner}, wake {saga.Row.WakeAt}; "
                    + $"{string.Join(" ", saga.Entries.Select(entry => entry.Name))}"
            );
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        await Store.DisposeAsync();
        _folder.Dispose();
    }
}
