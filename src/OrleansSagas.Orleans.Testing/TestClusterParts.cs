using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace OrleansSagas.Orleans.Testing;

/// <summary>
/// What was added to the builders of <see cref="TestCluster"/>. Their silos are configured by types that Orleans makes itself, and find by
/// an id in the settings what belongs to them.
/// </summary>
internal sealed class TestClusterParts : ISiloConfigurator, IClientBuilderConfigurator
{
    private const string Setting = "OrleansSagas:Testing";

    private static readonly ConcurrentDictionary<string, List<(Action<SagasBuilder> Configure, SharedSagaStore Store)>> Added = new();

    private static int _last;

    public static void Add(TestClusterBuilder builder, Action<SagasBuilder> configure, SharedSagaStore? store)
    {
        if (!builder.Properties.TryGetValue(Setting, out var id) || id is null)
        {
            builder.Properties[Setting] = id = $"{Interlocked.Increment(ref _last)}";
            Added[id] = [];
            builder.AddSiloBuilderConfigurator<TestClusterParts>();
            builder.AddClientBuilderConfigurator<TestClusterParts>();
        }

        Added[id].Add((configure, store ?? new SharedSagaStore()));
    }

    public void Configure(ISiloBuilder siloBuilder)
    {
        foreach (var (configure, store) in Added[siloBuilder.Configuration[Setting]!])
            SagaTestClusterExtensions.Add(siloBuilder, configure, store);
    }

    public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) => clientBuilder.AddSagaClient();
}
