using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansSagas.Execution;

namespace OrleansSagas.Engine.Tests;

/// <summary>Several parts of an application each add their sagas.</summary>
public sealed class AddSagasTests
{
    private static SagaDefinition Define(string type, int version = 1, string step = "a") =>
        Jobs.Define(type, version).Step(step, step => step.Do((_, _) => Task.CompletedTask)).Build();

    [Fact]
    public void AddSagas_WhenTwoPartsAddTheirs_HasAllAndOneEngine()
    {
        var services = new ServiceCollection();
        services.AddSagas(sagas =>
        {
            sagas.Add(Define("order")).Add(Define("shared"));
            sagas.Options.MaxActiveSagas = 7;
        });
        services.AddSagas(sagas =>
        {
            sagas.Add(Define("trip")).Add(Define("shared"));
            sagas.Options.ResumeParallelism = 3;
        });

        using var provider = services.BuildServiceProvider();
        Assert.Equal(
            ["order", "shared", "trip"],
            provider.GetRequiredService<SagaCatalog>().All.Select(definition => definition.Plan.Type).Order()
        );
        var options = Assert.Single(provider.GetServices<SagaOptions>());
        Assert.Equal((7, 3), (options.MaxActiveSagas, options.ResumeParallelism));
        Assert.Single(services, service => service.ServiceType == typeof(IHostedService));
        Assert.Single(services, service => service.ServiceType == typeof(ISagaDispatcher));
    }

    [Fact]
    public void AddSagas_WhenAVersionHasTwoShapes_SaysWhich()
    {
        var services = new ServiceCollection();
        services.AddSagas(sagas => sagas.Add(Define("order", 2)));
        var exception = Assert.Throws<SagaDefinitionException>(() => services.AddSagas(sagas => sagas.Add(Define("order", 2, "b"))));
        Assert.StartsWith("Saga 'order': version 2 is defined twice, with different steps", exception.Message, StringComparison.Ordinal);
        Assert.Equal("order", exception.SagaType);
    }

    [Fact]
    public void AddSagas_WhenASecondPartSetsWhatCannotBe_SaysWhat()
    {
        var services = new ServiceCollection();
        services.AddSagas(sagas => sagas.Add(Define("order")));
        var exception = Assert.Throws<InvalidOperationException>(() => services.AddSagas(sagas => sagas.Options.MaxActiveSagas = 0));
        Assert.Contains("SagaOptions.MaxActiveSagas", exception.Message, StringComparison.Ordinal);
    }
}
