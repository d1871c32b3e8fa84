using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Client;
using OrleansSagas.Http;

#pragma warning disable CA1050, IDE0130 // as a reader writes it

namespace OrleansSagas.Tests.Readme;

public sealed record Trip(string Traveller, string? HotelId = null, string? FlightId = null);

public static class TripSaga
{
    public static SagaDefinition Definition { get; } = Saga.Define<Trip>("trip", version: 1)
        .Deadline(TimeSpan.FromMinutes(10))
        .Tag("traveller", trip => trip.Traveller)
        .Step("book-hotel", step => step
            .Do((Hotels hotels, Trip trip, StepContext context) => hotels.BookAsync(context.Key, trip.Traveller, context.Cancellation),
                (trip, hotelId) => trip with { HotelId = hotelId })
            .Undo((Hotels hotels, Trip trip, UndoContext context) => hotels.CancelAsync(context.Key, context.ActionKey, context.Cancellation))
            .Retry(RetryPolicy.Default with { MaxAttempts = 8 }))
        .Step("book-flight", step => step
            .Do((Flights flights, Trip trip, StepContext context) => flights.BookAsync(context.Key, trip.Traveller, context.Cancellation),
                (trip, flightId) => trip with { FlightId = flightId })
            .Timeout(TimeSpan.FromSeconds(20)))
        .Build();
}

public abstract class Hotels
{
    public abstract Task<string> BookAsync(string key, string traveller, CancellationToken cancellation);

    public abstract Task CancelAsync(string key, string actionKey, CancellationToken cancellation);
}

public abstract class Flights
{
    public abstract Task<string> BookAsync(string key, string traveller, CancellationToken cancellation);
}

internal static class Snippets
{
    public static WebApplication Host(WebApplicationBuilder builder)
    {
        builder.Services.AddSagas(sagas => sagas.Add(TripSaga.Definition));
        builder.Services.AddSqliteSagaStore(store => store.Path = "data/sagas.db");
        builder.Services.AddSagaHttp();
        var app = builder.Build();
        app.MapSagas();
        return app;
    }

    public static void Client(IServiceCollection services)
    {
        services.AddSagaClient(options => options.Address = new Uri("http://127.0.0.1:5080"));
    }

    public static async Task<SagaView> CallAsync(ISagaClient client)
    {
        ISagaHandle trip = await client.StartAsync("trip", new Trip("Anna"), new StartOptions { RequestId = "trip-4711" });
        SagaView end = await trip.WaitAsync(TimeSpan.FromMinutes(5));
        return end;
    }
}
