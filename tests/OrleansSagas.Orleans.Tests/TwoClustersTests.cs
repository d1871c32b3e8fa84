using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Testing;

namespace OrleansSagas.Orleans.Tests;

/// <summary>Two clusters never share one store.</summary>
public sealed class TwoClustersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Gate _gate = new();

    private InProcessTestCluster Build(string id, SharedSagaStore store)
    {
        var saga = Jobs.Define()
            .Step("a", step => step.Do((_, context) => id == "first" ? _gate.PassAsync(context.Cancellation) : Task.CompletedTask))
            .Build();
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ClusterId = id;
        builder.Options.ServiceId = "orders";
        builder.Options.ConfigureFileLogging = false;
        return builder.AddSagas(sagas => sagas.Add(saga), store).Build();
    }

    [Fact]
    public async Task Start_OverTheStoreOfAnotherCluster_IsRefusedUntilThatIsDead()
    {
        await using var store = new SharedSagaStore();
        await using var first = Build("first", store);
        await first.DeployAsync();
        var saga = await first.Client.Sagas().StartAsync("job", new Job("x"), new StartOptions { Id = new SagaId("x") });
        await _gate.Entered;

        await using (var refused = Build("second", store))
        {
            var words = (await Assert.ThrowsAnyAsync<Exception>(refused.DeployAsync)).ToString();
            Assert.Contains("held by another cluster, 'first' of the service 'orders'", words, StringComparison.Ordinal);
            Assert.Contains("this silo is of the cluster 'second'", words, StringComparison.Ordinal);
        }

        await first.KillSiloWithSagasAsync(first.Silos[0]);
        await using var second = Build("second", store);
        await second.DeployAsync();
        Assert.Equal(SagaStatus.Completed, (await second.Client.Sagas().Get(saga.Id).WaitAsync(Patience)).Status);
    }
}
