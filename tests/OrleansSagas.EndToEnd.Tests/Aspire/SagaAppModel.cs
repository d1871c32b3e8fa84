using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSagas.AppHost;
using OrleansSagas.TestKit;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests.Aspire;

/// <summary>The AppHost's model of the application, read without running it.</summary>
internal static class SagaAppModel
{
    private const string Silo = "silo";

    /// <summary>The environment variables that a silo at <paramref name="place"/> would be started with.</summary>
    /// <param name="place">Its ports are those that the orchestrator would have found.</param>
    /// <param name="connection">The database to use; null for a container.</param>
    public static async Task<IReadOnlyDictionary<string, string>> VariablesAsync(SiloPlace place, string? connection)
    {
        var builder = SagaApp.Compose(connection is null ? [] : [$"--ConnectionStrings:{SagaApp.Database}={connection}"]);
        foreach (var resource in builder.Resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
                endpoint.AllocatedEndpoint = Allocate(endpoint, PortOf(endpoint.Name, place));
        }

        var silo = builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == Silo);
        var configuration = await ExecutionConfigurationBuilder
            .Create(silo)
            .WithEnvironmentVariablesConfig()
            .BuildAsync(builder.ExecutionContext, NullLogger.Instance);
        return configuration.Exception is { } failure ? throw failure : configuration.EnvironmentVariables.ToDictionary();
    }

    private static AllocatedEndpoint Allocate(EndpointAnnotation endpoint, int port) =>
        new(endpoint, "localhost", port, EndpointBindingMode.SingleAddress, port.ToString(CultureInfo.InvariantCulture));

    private static int PortOf(string endpoint, SiloPlace place) =>
        endpoint switch
        {
            "http" => place.Port,
            "orleans-silo" => place.ClusterPorts.Silo,
            "orleans-gateway" => place.ClusterPorts.Gateway,
            _ => LoopbackPort.Free(),
        };
}
