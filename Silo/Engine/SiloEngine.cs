namespace OrleansSagas.Silo.Engine;

/// <summary>The engine of a silo that was built without Orleans: this process is all there is.</summary>
internal static class SiloEngine
{
    public static void AddSagaEngine(this WebApplicationBuilder builder, Action<SagasBuilder> configure)
    {
        builder.Services.AddSagas(configure);
        builder.Services.AddSagaStore(builder.Configuration);
    }

    public static void MapSagaEngine(this WebApplication app) => ArgumentNullException.ThrowIfNull(app); // it has no page of its own
}
