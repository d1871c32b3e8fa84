namespace OrleansSagas.Shop.Books;

/// <summary>All the money in the books, by kind of account.</summary>
/// <param name="Opened">What the customers brought in.</param>
/// <param name="Customers">What they have now.</param>
/// <param name="Held">What is on hold.</param>
/// <param name="Revenue">What the shop took.</param>
/// <param name="Total">What there is now; equal to what was brought in.</param>
public sealed record MoneySums(decimal Opened, decimal Customers, decimal Held, decimal Revenue, decimal Total);
