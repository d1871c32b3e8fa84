namespace Trips;

/// <summary>The data of a trip: two nights, each at a hotel.</summary>
public sealed record Trip(string Traveller, string FirstHotel, string SecondHotel, string? FirstRoom = null, string? SecondRoom = null);
