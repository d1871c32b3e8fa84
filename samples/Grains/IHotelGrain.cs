namespace Trips;

/// <summary>A hotel. A repeat with the same key changes nothing, as every service of a saga must promise.</summary>
public interface IHotelGrain : IGrainWithStringKey
{
    /// <summary>Books a room; a key that was seen before gets the room that it got then.</summary>
    Task<string> BookAsync(string key, string guest);

    /// <summary>Takes a booking back. A key that was never seen is refused from now on, for its booking may still be on the way.</summary>
    Task CancelAsync(string bookingKey);

    /// <summary>The guests, in the order of their rooms.</summary>
    Task<string[]> GuestsAsync();
}
