using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansSagas.Cluster;
using OrleansSagas.Owning;
using OrleansSagas.Storing;

namespace OrleansSagas.Tests;

/// <summary>The engine that this project's tests run on: a cluster of two silos over one store. Each call comes to another silo's front door than the one before.</summary>
internal sealed class TestEngine : ITestEngine
{
    private readonly InProcessTestCluster _cluster;
    private readonly ISagaStore _store;
    private int _turn;

    private TestEngine(InProcessTestCluster cluster, ISagaStore store) => (_cluster, _store) = (cluster, store);

    public IServiceProvider Services
    {
        get
        {
            var silos = _cluster.Silos;
            return silos[(int)((uint)Interlocked.Increment(ref _turn) % (uint)silos.Count)].ServiceProvider;
        }
    }

    public ISagaStore Store => _store;

    public int ActiveSagas => _cluster.Silos.Sum(silo => silo.ServiceProvider.GetRequiredService<OwnerHouse>().ActiveSagas);

    public static async Task<ITestEngine> StartAsync(EngineSetup setup)
    {
        var shared = new SharedStore(setup.Store);
        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            setup.Services(silo.Services);
            silo.Services.AddSingleton(setup.Runtime);
            silo.Services.AddSingleton<ISagaStore>(_ => shared.Open());
            silo.UseInMemoryReminderService();
            silo.AddSagas(setup.Sagas);
        });
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

    public Task StopAsync() => _cluster.StopAllSilosAsync();

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _store.DisposeAsync();
    }
}
