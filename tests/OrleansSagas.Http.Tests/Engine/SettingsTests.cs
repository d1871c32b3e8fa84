using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using OrleansSagas.Silo;

namespace OrleansSagas.Http.Tests.Engine;

/// <summary>A setting that cannot be used is named before anything starts.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Cluster:Address", "here")]
    [InlineData("Cluster:SiloPort", "0")]
    [InlineData("Cluster:GatewayPort", "65536")]
    [InlineData("Cluster:Partitions", "0")]
    [InlineData("Cluster:ClusterId", " ")]
    [InlineData("Telemetry:Otlp:Endpoint", "collector:4317")]
    [InlineData("Silo:MaxConnections", "0")]
    [InlineData("Sagas:Http:MaxEventStreams", "0", "SagaHttpOptions.MaxEventStreams is 0")]
    public void Build_WhenASettingCannotBeUsed_NamesIt(string setting, string value, string? named = null)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Program.Build([$"--{setting}={value}"]));
        Assert.Contains(named ?? setting, StartupErrors.Explain(refused), StringComparison.Ordinal);
    }

    [Fact]
    public void AddSagaHttp_WhenABoundIsNone_IsRefusedAtTheStart()
    {
        using var services = new ServiceCollection().AddSagaHttp(options => options.MaxBodyBytes = 0).BuildServiceProvider();
        var refused = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);
        Assert.StartsWith("SagaHttpOptions.MaxBodyBytes is 0", StartupErrors.Explain(refused), StringComparison.Ordinal);
    }

    [Fact]
    public void AddSagaHttp_WhenTwoPartsCallIt_AddsOneCheck()
    {
        using var services = new ServiceCollection()
            .AddSagaHttp()
            .AddSagaHttp(options => options.MaxEventStreams = 7)
            .BuildServiceProvider();
        Assert.Single(services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations);
        Assert.Equal(7, services.GetRequiredService<IOptions<SagaHttpOptions>>().Value.MaxEventStreams);
    }
}
