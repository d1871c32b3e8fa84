using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
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
            sagas.Configure(options => options.MaxActiveSagas = 7);
        });
        services.AddSagas(sagas =>
        {
            sagas.Add(Define("trip")).Add(Define("shared"));
            sagas.Configure(options => options.ResumeParallelism = 3);
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
    public void Host_WhenASettingIsOutOfItsRange_NamesEachSuch()
    {
        var services = new ServiceCollection();
        services.AddSagas(sagas => sagas.Add(Define("order")));
        services.AddSagas(sagas => sagas.Configure(options => (options.MaxActiveSagas, options.IdleAfter) = (0, TimeSpan.Zero)));
        using var provider = services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Equal(
            ["SagaOptions.MaxActiveSagas must be 1 or more.", "SagaOptions.IdleAfter must be from 1 second to 1 hour."],
            exception.Failures
        );
    }
}
