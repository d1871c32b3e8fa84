using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansSagas.Execution;
using OrleansSagas.Storage;

namespace OrleansSagas.Engine.Tests.Engines;

/// <summary>The engine that this project's tests run on: that of one process.</summary>
internal sealed class TestEngine : ITestEngine
{
    private readonly ServiceProvider _provider;

    private TestEngine(ServiceProvider provider) => _provider = provider;

    public SagaService Sagas => _provider.GetRequiredService<SagaService>();

    public ISagaStore Store => _provider.GetRequiredService<ISagaStore>();

    public int Processes => 1;

    public int ActiveSagas => _provider.GetRequiredService<Local.LocalEngine>().ActiveSagas;

    /// <summary>The processes of its sagas.</summary>
    public SagaProcesses Held => _provider.GetRequiredService<SagaProcesses>();

    public static async Task<ITestEngine> StartAsync(EngineSetup setup)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        setup.Services(services);
        services.AddSingleton(setup.Runtime);
        services.AddSagas(setup.Sagas);
        services.AddSingleton(_ => setup.Store);
        var provider = services.BuildServiceProvider();
        try
        {
            _ = provider.GetRequiredService<ISagaStore>(); // it is the provider's to dispose of
            foreach (var service in provider.GetServices<IHostedService>())
                await service.StartAsync(CancellationToken.None);
            return new TestEngine(provider);
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }

    public async Task StopAsync()
    {
        foreach (var service in _provider.GetServices<IHostedService>())
            await service.StopAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}
