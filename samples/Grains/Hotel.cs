namespace Trips;

/// <summary>What a hotel keeps.</summary>
[GenerateSerializer, Alias("trips.hotel")]
public sealed class Hotel
{
    /// <summary>The bookings by their keys.</summary>
    [Id(0)]
    public Dictionary<string, Booking> Bookings { get; set; } = [];

    /// <summary>The keys that were taken back.</summary>
    [Id(1)]
    public HashSet<string> Cancelled { get; set; } = [];
}

/// <summary>One guest's room.</summary>
[GenerateSerializer, Alias("trips.booking"), Immutable]
public sealed record Booking([property: Id(0)] string Room, [property: Id(1)] string Guest);
