using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansSagas.Engine.Tests.Engines;
using OrleansSagas.Execution;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Testing;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Tests;

/// <summary>
/// The engine that this project's tests run on: a cluster of two silos over one store. Each call comes to another silo's front door than
/// the one before.
/// </summary>
internal sealed class TestEngine : ITestEngine
{
    private readonly InProcessTestCluster _cluster;
    private readonly ISagaStore _store;
    private int _turn;

    private readonly SagaService[] _doors;
    private readonly SagaProcesses[] _houses;

    private TestEngine(InProcessTestCluster cluster, ISagaStore store)
    {
        (_cluster, _store) = (cluster, store);
        _doors = [.. cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<SagaService>())];
        _houses = [.. cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<SagaProcesses>())];
    }

    public SagaService Sagas => _doors[(int)((uint)Interlocked.Increment(ref _turn) % (uint)_doors.Length)];

    public ISagaStore Store => _store;

    public int Processes => _houses.Length;

    public int ActiveSagas => _houses.Sum(processes => processes.ActiveSagas);

    public static async Task<ITestEngine> StartAsync(EngineSetup setup)
    {
        var shared = new SharedSagaStore(setup.Store);
        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo(
            (_, silo) =>
            {
                setup.Services(silo.Services);
                silo.Services.AddSingleton(setup.Runtime);
                silo.Services.AddSingleton<ISagaStore>(_ => shared.Connect());
                GrainDirectoryStop.AddTo(silo);
                silo.UseInMemoryReminderService();
                silo.AddSagas(setup.Sagas);
            }
        );
        var cluster = builder.Build();
        try
        {
            await cluster.DeployAsync();
            return new TestEngine(cluster, setup.Store);
        }
        catch
        {
            await cluster.DisposeAsync();
            await setup.Store.DisposeAsync();
            throw;
        }
    }

    /// <summary>All at once, so that no silo takes over from another.</summary>
    public Task StopAsync()
    {
        foreach (var processes in _houses)
            processes.BeginDraining();
        return _cluster.StopAllSilosAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _store.DisposeAsync();
    }
}
