using Npgsql;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansSagas;
using OrleansSagas.Orleans.PostgreSql;

#pragma warning disable IDE0130 // where every host's Program.cs finds it
namespace Microsoft.Extensions.DependencyInjection;

#pragma warning restore IDE0130

/// <summary>Makes a silo one of many.</summary>
public static class PostgreSqlSiloBuilderExtensions
{
    private const string Invariant = "Npgsql";

    /// <summary>
    /// Keeps membership and reminders of the cluster in PostgreSQL 15 or newer, in the schema <c>orleans</c>, which is created where it is
    /// missing.
    /// </summary>
    /// <remarks>
    /// Where the settings have a section <c>Orleans:Clustering</c> or <c>Orleans:Reminders</c>, as Aspire gives them, what it says of that
    /// part stays. Where the application's own grains keep their state is the application's choice; the schema has the table of Orleans'
    /// ADO.NET grain storage too.
    /// </remarks>
    /// <param name="silo">The silo.</param>
    /// <param name="connectionString">How to reach the database.</param>
    public static ISiloBuilder UsePostgreSqlCluster(this ISiloBuilder silo, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        if (!PostgreSqlSettings.Say(silo.Configuration, PostgreSqlSettings.Clustering))
            silo.AddPostgreSqlMembership(connectionString);
        if (!PostgreSqlSettings.Say(silo.Configuration, PostgreSqlSettings.Reminders))
            silo.AddPostgreSqlReminders(connectionString);
        return silo;
    }

    internal static void AddPostgreSqlMembership(this ISiloBuilder silo, string connectionString)
    {
        var connection = InSchema(connectionString);
        AddSchema(silo, connectionString);
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, connection));
    }

    internal static void AddPostgreSqlReminders(this ISiloBuilder silo, string connectionString)
    {
        var connection = InSchema(connectionString);
        AddSchema(silo, connectionString);
        silo.UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = (Invariant, connection));
    }

    /// <summary>Once for each database.</summary>
    private static void AddSchema(ISiloBuilder silo, string connectionString)
    {
        if (
            !silo.Services.Any(service =>
                service.ImplementationInstance is OrleansSchema schema && schema.ConnectionString == connectionString
            )
        )
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(new OrleansSchema(connectionString));
    }

    private static string InSchema(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            SearchPath = OrleansSchema.Name,
            ApplicationName = "OrleansSagas cluster",
        }.ConnectionString;
}
