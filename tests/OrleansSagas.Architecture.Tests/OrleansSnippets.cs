using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansSagas.Architecture.Tests.Readme;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Testing;

#pragma warning disable CA1050, IDE0130 // as a reader writes it

namespace OrleansSagas.Architecture.Tests.OrleansDocs;

public interface IHotelGrain : IGrainWithStringKey
{
    Task<string> BookAsync(string key, string traveller);

    Task CancelAsync(string bookingKey);
}

internal static class Snippets
{
    public static SagaDefinition Definition { get; } = Saga.Define<Trip>("trip", version: 1)
        .Step("book-hotel", step => step
            .Do((IGrainFactory grains, Trip trip, StepContext context) =>
                    grains.GetGrain<IHotelGrain>("Ritz").BookAsync(context.Key, trip.Traveller),
                (trip, room) => trip with { HotelId = room })
            .Undo((IGrainFactory grains, Trip trip, UndoContext context) =>
                grains.GetGrain<IHotelGrain>("Ritz").CancelAsync(context.ActionKey)))
        .Build();

    public static void Silo(WebApplicationBuilder builder, string connection)
    {
        builder.Services.AddPostgreSqlSagaStore(store => store.ConnectionString = connection);
        builder.UseOrleans(silo => silo
            .UsePostgreSqlCluster(connection)
            .AddSagas(sagas => sagas.Add(TripSaga.Definition)));
    }

    public static void Client(HostApplicationBuilder builder)
    {
        builder.UseOrleansClient(client => client.AddSagaClient());
    }

    public static async Task ListAsync(ISagaClient client)
    {
        await foreach (SagaSummary saga in client.ListAsync(new SagaFilter { Type = "trip", Status = SagaStatus.Stuck }))
            await client.Get(saga.Id).RetryAsync(reason: "the airline is back");
    }

    public static async Task HeadersAsync(ISagaClient client)
    {
        await client.StartAsync("trip", new Trip("Anna"), new StartOptions { Headers = new Dictionary<string, string> { ["tenant"] = "acme" } });
    }

    public static async Task TestAsync(IHotelsOfATest hotels)
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.AddSagas(sagas => sagas.Add(TripSaga.Definition));
        builder.ConfigureSilo((_, silo) => silo.Services.AddSingleton(hotels));
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        SagaView end = await cluster.Client.Sagas().StartAndWaitAsync("trip", new Trip("Anna"));
        await cluster.KillSiloWithSagasAsync(cluster.Silos[1]);
        Assert.Equal(SagaStatus.Completed, end.Status);
    }
}

public interface IHotelsOfATest;

public interface ITravellerGrain : IGrainWithStringKey
{
    Task<bool> TravelAsync(int number);
}

public sealed class TravellerGrain : Grain, ITravellerGrain
{
    public async Task<bool> TravelAsync(int number)
    {
        var me = this.GetPrimaryKeyString();
        SagaView end = await GrainFactory.Sagas().StartAndWaitAsync(
            "trip", new Trip(me), new StartOptions { RequestId = $"{me}-{number}" }, timeout: TimeSpan.FromSeconds(20));
        return end.Status == SagaStatus.Completed;
    }
}
