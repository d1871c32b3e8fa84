using OrleansSagas.Shop;
using OrleansSagas.Silo.Access;
using OrleansSagas.Silo.Engine;
using OrleansSagas.Silo.OpenApi;
using OrleansSagas.Silo.Telemetry;

namespace OrleansSagas.Silo;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            await using var app = Build(args);
            await app.StartOrStopAsync();
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception failure) when (StartupErrors.Explain(failure) is { } why)
        {
            await Console.Error.WriteLineAsync($"The silo stopped: {why}");
            return 1;
        }
    }

    internal static WebApplication Build(string[] args)
    {
        var builder = SiloBuilder.Create(args);
        var settings = builder.Configuration;

        builder.AddSagaEngine(sagas => sagas.Add(OrderSaga.Definition).Configure(settings.GetSection("Sagas:Engine").Bind));
        builder.Services.AddShop(settings.GetSection("Shop").Bind);
        builder.Services.AddSagaHttp(settings.GetSection("Sagas:Http").Bind);
        builder.Services.AddSagaProblems();
        builder.Services.AddSiloAccess(settings);
        builder.Services.AddSiloOpenApi();
        builder.Services.AddSiloTelemetry(settings);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseSiloAccess();
        app.UseOutputCache();
        app.MapSagas();
        app.MapSagaEngine();
        app.MapShop();
        app.MapSiloOpenApi();
        app.MapSiloTelemetry();
        return app;
    }
}
