using OrleansSagas;

namespace Trips;

internal sealed class HotelGrain([PersistentState("hotel")] IPersistentState<Hotel> hotel) : Grain, IHotelGrain
{
    private const int Rooms = 2;

    public async Task<string> BookAsync(string key, string guest)
    {
        if (hotel.State.Bookings.TryGetValue(key, out var earlier))
            return earlier.Room;
        if (hotel.State.Cancelled.Contains(key))
            throw new StepRejectedException("This booking was cancelled before it arrived.");
        if (
            Enumerable
                .Range(1, Rooms)
                .Select(number => $"{number}")
                .Except(hotel.State.Bookings.Values.Select(booking => booking.Room))
                .FirstOrDefault()
            is not { } room
        )
            throw new StepRejectedException($"The hotel {this.GetPrimaryKeyString()} is full.");
        hotel.State.Bookings.Add(key, new Booking(room, guest));
        await hotel.WriteStateAsync();
        return room;
    }

    public async Task CancelAsync(string bookingKey)
    {
        hotel.State.Bookings.Remove(bookingKey);
        hotel.State.Cancelled.Add(bookingKey);
        await hotel.WriteStateAsync();
    }

    public Task<string[]> GuestsAsync() =>
        Task.FromResult(
            hotel.State.Bookings.Values.OrderBy(booking => booking.Room, StringComparer.Ordinal).Select(booking => booking.Guest).ToArray()
        );
}
