using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using OrleansSagas.Testing;

#pragma warning disable CA1050, IDE0130 // as a reader writes it

namespace OrleansSagas.Architecture.Tests.Readme;

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
        builder.UseOrleans(silo => silo.UseLocalhostClustering().UseInMemoryReminderService().AddSagas(sagas => sagas.Add(TripSaga.Definition)));
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

public sealed class TripTests
{
    private readonly Hotels _hotels = new FakeHotels();
    private readonly Flights _flights = new FakeFlights();

    [Fact]
    public async Task Trip_WhenTheAirlineHangsAndThenCrashesUs_IsBooked()
    {
        await using var host = await SagaTestHost.StartAsync(test =>
        {
            test.Sagas.Add(TripSaga.Definition);
            test.Services.AddSingleton(_hotels).AddSingleton(_flights);
        });
        host.Faults.Step("book-flight").TimesOut().CrashesAfter();
        SagaView end = await host.RunAsync("trip", new Trip("Anna"));
        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal("F-1", host.DataOf<Trip>(end).FlightId);
    }

    [Fact]
    public void Trip_WhenThereIsNoFlight_CancelsTheHotel() => SagaSpec
        .Given(TripSaga.Definition, new Trip("Anna"))
        .WhenSucceeds("book-hotel", "H-1").ThenDoes("book-flight")
        .WhenRejected("book-flight").ThenUndoes("book-hotel")
        .WhenUndone("book-hotel").ThenIs(SagaStatus.Compensated);

    private sealed class FakeHotels : Hotels
    {
        public override Task<string> BookAsync(string key, string traveller, CancellationToken cancellation) => Task.FromResult("H-1");

        public override Task CancelAsync(string key, string actionKey, CancellationToken cancellation) => Task.CompletedTask;
    }

    private sealed class FakeFlights : Flights
    {
        public override Task<string> BookAsync(string key, string traveller, CancellationToken cancellation) => Task.FromResult("F-1");
    }
}
