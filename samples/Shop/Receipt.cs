namespace OrleansSagas.Shop;

/// <summary>What a service answers: the id under which it booked what it did.</summary>
/// <param name="Id">The id, unique in the books. The same key always gets the same id.</param>
public sealed record Receipt(string Id);
