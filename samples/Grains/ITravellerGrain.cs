namespace Trips;

/// <summary>Somebody who travels.</summary>
public interface ITravellerGrain : IGrainWithStringKey
{
    /// <summary>Books a trip and says what became of it. A repeat with the same number is the same trip.</summary>
    Task<string> TravelAsync(int number, string firstHotel, string secondHotel);
}
