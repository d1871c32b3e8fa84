using Microsoft.Extensions.Configuration;

namespace OrleansSagas.AppHost;

/// <summary>What runs together: a PostgreSQL server, and silos that are one cluster over it.</summary>
internal static class SagaApp
{
    /// <summary>The name of the database's connection string: the silo looks for the sagas there.</summary>
    public const string Database = "sagas";

    private const int Port = 5080;
    private const int DefaultSilos = 3;

    /// <summary>
    /// Describes it. With <c>ConnectionStrings:sagas</c> in the settings that database is used, and no container is started.
    /// </summary>
    /// <param name="args">Settings, among them <c>--Silos</c>: how many.</param>
    public static IDistributedApplicationBuilder Compose(string[] args)
    {
        var builder = DistributedApplication.CreateBuilder(args);
        var sagas = AddDatabase(builder);
        var orleans = builder
            .AddOrleans("orleans")
            // Aspire would make new ids at every start, and reminders belong to the service that made them.
            .WithClusterId("sagas")
            .WithServiceId("sagas")
            .WithClustering(sagas)
            .WithReminders(sagas);

        builder
            .AddProject<Projects.Silo>("silo")
            .WithReference(orleans)
            .WaitFor(sagas)
            .WithHttpEndpoint(port: Port)
            .WithHttpHealthCheck("/health/ready")
            .WithReplicas(builder.Configuration.GetValue("Silos", DefaultSilos));
        return builder;
    }

    /// <summary>A connection string has no type from which Aspire could tell Orleans what it leads to.</summary>
    private static IResourceBuilder<IResourceWithConnectionString> AddDatabase(IDistributedApplicationBuilder builder) =>
        string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(Database))
            ? builder.AddPostgres("postgres").AddDatabase(Database)
            : builder.AddConnectionString(Database).WithOrleansProviderType("PostgresDatabase");
}
