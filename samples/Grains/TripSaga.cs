using OrleansSagas;

namespace Trips;

/// <summary>Both nights are booked, or none is. The steps call grains.</summary>
public static class TripSaga
{
    public static SagaDefinition Definition { get; } = Saga.Define<Trip>("trip", version: 1)
        .Step("book-first", step => step
            .Do((IGrainFactory grains, Trip trip, StepContext context) =>
                    grains.GetGrain<IHotelGrain>(trip.FirstHotel).BookAsync(context.Key, trip.Traveller),
                (trip, room) => trip with { FirstRoom = room })
            .Undo((IGrainFactory grains, Trip trip, UndoContext context) =>
                grains.GetGrain<IHotelGrain>(trip.FirstHotel).CancelAsync(context.ActionKey)))
        .Step("book-second", step => step
            .Do((IGrainFactory grains, Trip trip, StepContext context) =>
                    grains.GetGrain<IHotelGrain>(trip.SecondHotel).BookAsync(context.Key, trip.Traveller),
                (trip, room) => trip with { SecondRoom = room })
            .Undo((IGrainFactory grains, Trip trip, UndoContext context) =>
                grains.GetGrain<IHotelGrain>(trip.SecondHotel).CancelAsync(context.ActionKey)))
        .Build();
}
