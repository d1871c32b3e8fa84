namespace OrleansSagas.Silo.Engine;

/// <summary>
/// The section <c>Orleans</c> of the settings, which Orleans itself reads, and which Aspire writes. What it says goes before what the silo
/// would do on its own, from <see cref="ClusterSettings"/> and <c>ConnectionStrings:Sagas</c>.
/// </summary>
internal static class OrleansSettings
{
    private const string Section = "Orleans";

    /// <summary>Adds Orleans as its section says.</summary>
    /// <param name="builder">The host that becomes a silo.</param>
    /// <param name="hasDatabase">Whether the sagas are where several silos can reach them.</param>
    /// <exception cref="InvalidOperationException">The section asks for what this silo does not have.</exception>
    public static void Apply(WebApplicationBuilder builder, bool hasDatabase)
    {
        try
        {
            // Orleans reads its section when it is added, and nothing else happens here: what is thrown is about that section.
            builder.UseOrleans(_ => { });
        }
        catch (InvalidOperationException failure)
        {
            throw new InvalidOperationException(
                $"The section {Section} of the settings: {failure.Message} For Clustering and Reminders the ProviderType is "
                    + "PostgresDatabase, and the ServiceKey "
                    + "the name of a connection string; or leave the section out, and set ConnectionStrings:Sagas alone.",
                failure
            );
        }

        if (!hasDatabase && (Says(builder.Configuration, "Clustering") || Says(builder.Configuration, "Reminders")))
            throw new InvalidOperationException(
                $"{Section}:Clustering and {Section}:Reminders are for one silo of many, and ConnectionStrings:Sagas is not set: the "
                    + "silos of a cluster keep their "
                    + "sagas in one PostgreSQL database. Set it (in Aspire: call the database sagas), or leave these sections out for "
                    + "a silo that is alone."
            );
    }

    public static bool HasDefaultGrainStorage(IConfiguration settings) => Says(settings, "GrainStorage:Default");

    public static bool HasListeningEndpoint(IConfiguration settings) =>
        Says(settings, "Endpoints:SiloListeningEndpoint") || Says(settings, "Endpoints:GatewayListeningEndpoint");

    private static bool Says(IConfiguration settings, string part) => settings.GetSection($"{Section}:{part}").Exists();
}
