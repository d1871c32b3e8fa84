using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using OrleansSagas;
using OrleansSagas.Orleans;
using Trips;

var builder = Host.CreateApplicationBuilder(args);
builder.UseOrleans(silo =>
{
    silo.UseLocalhostClustering(builder.Configuration.GetValue("SiloPort", 11111), builder.Configuration.GetValue("GatewayPort", 30000));
    silo.UseInMemoryReminderService();
    silo.AddMemoryGrainStorageAsDefault(); // the hotels' books; in production they outlive the process
    silo.AddSagas(sagas => sagas.Add(TripSaga.Definition));
});
builder.Services.AddSqliteSagaStore(store => store.Path = builder.Configuration.GetValue("Store", "data/trips.db")!);
using var host = builder.Build();
await host.StartAsync();

var grains = host.Services.GetRequiredService<IGrainFactory>();
foreach (var traveller in new[] { "anna", "boris", "clara" })
    Console.WriteLine($"{traveller}: {await grains.GetGrain<ITravellerGrain>(traveller).TravelAsync(1, $"Ritz of {traveller}", "Savoy")}");

// The same from outside of any grain: the silo has an ISagaClient.
var client = host.Services.GetRequiredService<ISagaClient>();
var trip = await client.StartAsync("trip", new Trip("dora", "Ritz", "Astoria"));
await foreach (var entry in trip.WatchAsync())
    Console.WriteLine($"dora: {entry.Revision} {entry.Event}");

await host.StopAsync();
