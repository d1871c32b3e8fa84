using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Testing;
using Trips;

namespace OrleansSagas.Orleans.Tests;

/// <summary>Orleans' own test clusters with sagas, as a user has them.</summary>
public sealed class TestClusterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static SagaDefinition Gated(Gate gate) =>
        Jobs.Define()
            .Step("a", step => step.Do((_, _) => Task.CompletedTask))
            .Step("b", step => step.Do((_, context) => gate.PassAsync(context.Cancellation)))
            .Build();

    [Fact]
    public async Task TestCluster_WhenSagasAreAddedTwice_RunsThemAll()
    {
        var builder = new TestClusterBuilder(2);
        builder.AddSagas(sagas => sagas.Add(TripSaga.Definition));
        builder.AddSagas(sagas => sagas.Add(Jobs.Define().Step("a", step => step.Do((_, _) => Task.CompletedTask)).Build()));
        builder.AddSiloBuilderConfigurator<Storage>();
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        var client = cluster.ServiceProvider.GetRequiredService<ISagaClient>();
        Assert.Equal(SagaStatus.Completed, (await client.StartAndWaitAsync("job", new Job(), timeout: Patience)).Status);
        Assert.Equal("booked", await cluster.GrainFactory.GetGrain<ITravellerGrain>("anna").TravelAsync(1, "Ritz", "Savoy"));
    }

    [Fact]
    public async Task Kill_WhenTheSiloHeldSagas_TheyGoOnElsewhere()
    {
        var gate = new Gate();
        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.ConfigureFileLogging = false;
        builder.AddSagas(sagas => sagas.Add(Gated(gate)));
        builder.ConfigureSilo(
            (_, silo) =>
                silo.Configure<ClusterMembershipOptions>(membership =>
                    (membership.ProbeTimeout, membership.NumMissedProbesLimit, membership.TableRefreshTimeout) = (
                        TimeSpan.FromMilliseconds(500),
                        2,
                        TimeSpan.FromSeconds(2)
                    )
                )
        );
        await using var cluster = builder.Build();
        await cluster.DeployAsync();

        var victim = cluster.Silos[1];
        var saga = await victim.ServiceProvider.GetRequiredService<ISagaClient>().StartAsync("job", new Job());
        await gate.Entered;
        await cluster.KillSiloWithSagasAsync(victim);
        gate.Open();

        var rest = cluster.Silos[0].ServiceProvider.GetRequiredService<ISagaClient>().Get(saga.Id);
        Assert.Equal(SagaStatus.Completed, (await rest.WaitAsync(Patience)).Status);
        Assert.Equal(["started", "step-succeeded"], await rest.HistoryAsync().Take(2).Select(entry => entry.Event).ToArrayAsync());
    }

    [Fact]
    public async Task Store_WhenASecondClusterHasIt_GoesOnWithTheSagasOfTheFirst()
    {
        var (shut, open) = (new Gate(), new Gate());
        open.Open();
        await using var store = new SharedSagaStore();
        SagaId saga;
        await using (var first = await StartAsync(shut))
        {
            saga = (await first.Client.Sagas().StartAsync("job", new Job())).Id;
            await shut.Entered;
        }

        await using var second = await StartAsync(open);
        Assert.Equal(SagaStatus.Completed, (await second.Client.Sagas().Get(saga).WaitAsync(Patience)).Status);

        async Task<InProcessTestCluster> StartAsync(Gate gate)
        {
            var builder = new InProcessTestClusterBuilder(1);
            builder.Options.ConfigureFileLogging = false;
            builder.AddSagas(
                sagas =>
                {
                    sagas.Add(Gated(gate));
                    sagas.Configure(options => options.StopTimeout = TimeSpan.Zero);
                },
                store
            );
            var cluster = builder.Build();
            await cluster.DeployAsync();
            return cluster;
        }
    }

    private sealed class Storage : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddMemoryGrainStorageAsDefault();
    }
}
