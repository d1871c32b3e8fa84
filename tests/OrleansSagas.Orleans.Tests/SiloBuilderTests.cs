using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Storage;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Local;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Hosting;

namespace OrleansSagas.Orleans.Tests;

/// <summary>Several parts of an application each add their sagas to one silo.</summary>
public sealed class SiloBuilderTests
{
    private static SagaDefinition Define(string type, string step = "a") =>
        Jobs.Define(type).Step(step, step => step.Do((_, _) => Task.CompletedTask)).Build();

    [Fact]
    public void AddSagas_WhenPartsAddTheirsBeforeAndAfter_HasAllAndOnlyTheSilosEngine()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSagas(sagas => sagas.Add(Define("before")));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering().UseInMemoryReminderService();
            silo.AddSagas(sagas => sagas.Add(Define("first")), cluster => cluster.Partitions = 7);
            silo.AddSagas(sagas => sagas.Add(Define("second")));
        });
        builder.Services.AddSagas(sagas => sagas.Add(Define("after")));

        using var provider = builder.Services.BuildServiceProvider();
        Assert.Equal(
            ["after", "before", "first", "second"],
            provider.GetRequiredService<SagaCatalog>().All.Select(definition => definition.Plan.Type).Order()
        );
        Assert.Equal(7, Assert.Single(provider.GetServices<SagaClusterOptions>()).Partitions);
        Assert.DoesNotContain(builder.Services, service => service.ServiceType == typeof(LocalEngine));
        Assert.Single(builder.Services, service => service.ServiceType == typeof(ISagaDispatcher));
        Assert.Single(builder.Services, service => service.ServiceType == typeof(ISagaClient));
    }

    [Fact]
    public void AddSagas_WithAnyMembershipTable_WatchesSilosCloselyUnlessToldOtherwise()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering().UseInMemoryReminderService();
            silo.Configure<ClusterMembershipOptions>(membership => membership.TableRefreshTimeout = TimeSpan.FromSeconds(33));
            silo.AddSagas(sagas => sagas.Add(Define("order")));
        });
        using var provider = builder.Services.BuildServiceProvider();
        var membership = provider.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;
        Assert.Equal(
            (2, 4, 4),
            (membership.ProbeTimeout.Seconds, membership.MaxProbeTimeout.Seconds, membership.IAmAliveTablePublishTimeout.Seconds)
        );
        Assert.Equal(33, membership.TableRefreshTimeout.Seconds);
        Assert.Single(builder.Services, service => service.ImplementationType == typeof(SilentSilos));
    }

    [Theory]
    [InlineData(15, 30, 30)]
    [InlineData(60, 30, 75)]
    [InlineData(60, 300, 300)]
    public void AddSagas_LetsTheHostWaitForAsLongAsAStopMayTake(int stop, int set, int expected)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(set));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering().UseInMemoryReminderService();
            silo.AddSagas(sagas =>
            {
                sagas.Add(Define("order"));
                sagas.Configure(options => options.StopTimeout = TimeSpan.FromSeconds(stop));
            });
        });
        using var provider = builder.Services.BuildServiceProvider();
        Assert.Equal(expected, provider.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout.TotalSeconds);
    }

    [Fact]
    public void AddSagas_AddsNoFilterStreamOrStorageToTheSilo()
    {
        Type[] types = [typeof(IIncomingGrainCallFilter), typeof(IOutgoingGrainCallFilter), typeof(IGrainStorage)];
        Assert.Equal(Registered(_ => { }), Registered(silo => silo.AddSagas(sagas => sagas.Add(Define("order")))));

        int[] Registered(Action<ISiloBuilder> add)
        {
            var builder = Host.CreateApplicationBuilder();
            builder.UseOrleans(silo =>
            {
                silo.UseLocalhostClustering().UseInMemoryReminderService();
                add(silo);
            });
            Assert.DoesNotContain(
                builder.Services,
                service => service.ServiceType.FullName!.Contains("IStreamProvider", StringComparison.Ordinal)
            );
            return [.. types.Select(type => builder.Services.Count(service => service.ServiceType == type))];
        }
    }

    [Fact]
    public void AddSagas_WhenAVersionHasTwoShapes_SaysWhich() =>
        Host.CreateApplicationBuilder()
            .UseOrleans(silo =>
            {
                silo.AddSagas(sagas => sagas.Add(Define("order")));
                var exception = Assert.Throws<SagaDefinitionException>(() => silo.AddSagas(sagas => sagas.Add(Define("order", "b"))));
                Assert.StartsWith(
                    "Saga 'order': version 1 is defined twice, with different steps",
                    exception.Message,
                    StringComparison.Ordinal
                );
            });
}
