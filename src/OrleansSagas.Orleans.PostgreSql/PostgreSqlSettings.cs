using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Providers;
using Orleans.Runtime;
using OrleansSagas.Orleans.PostgreSql;

// The name is the one that Aspire gives to a database of AddPostgres(...).AddDatabase(...).
[assembly: RegisterProvider(PostgreSqlSettings.ProviderType, PostgreSqlSettings.Clustering, "Silo", typeof(PostgreSqlSettings.Membership))]
[assembly: RegisterProvider(
    PostgreSqlSettings.ProviderType,
    PostgreSqlSettings.Reminders,
    "Silo",
    typeof(PostgreSqlSettings.ReminderTable)
)]

namespace OrleansSagas.Orleans.PostgreSql;

/// <summary>
/// Membership and reminders where the section <c>Orleans</c> of the settings asks for them, as Aspire writes it: the provider type, and the
/// name of a connection string. Orleans reads that section when the silo is added, before any code of the application configures the silo.
/// </summary>
internal static class PostgreSqlSettings
{
    public const string ProviderType = "PostgresDatabase";
    public const string Clustering = "Clustering";
    public const string Reminders = "Reminders";

    /// <summary>Whether the settings say what keeps <paramref name="part"/>, which Orleans then has seen to.</summary>
    public static bool Say(IConfiguration settings, string part) => settings.GetSection("Orleans").GetSection(part).Exists();

    private static string ConnectionString(IConfiguration settings, IConfigurationSection section)
    {
        var key = $"{section.Path}:ServiceKey";
        return section["ServiceKey"] is not { Length: > 0 } name
                ? throw new OrleansConfigurationException(
                    $"{section.Path}:ProviderType is {ProviderType}, and {key} is not set. Set it to the name of a connection string."
                )
            : settings.GetConnectionString(name) is not { Length: > 0 } connection
                ? throw new OrleansConfigurationException(
                    $"{key} is {name}, and ConnectionStrings:{name} is not set. Set it to how the PostgreSQL database is reached."
                )
            : connection;
    }

    internal sealed class Membership : IProviderBuilder<ISiloBuilder>
    {
        public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
            builder.AddPostgreSqlMembership(ConnectionString(builder.Configuration, configurationSection));
    }

    internal sealed class ReminderTable : IProviderBuilder<ISiloBuilder>
    {
        public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
            builder.AddPostgreSqlReminders(ConnectionString(builder.Configuration, configurationSection));
    }
}
