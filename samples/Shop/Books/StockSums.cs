namespace OrleansSagas.Shop.Books;

/// <summary>All the pieces of one item.</summary>
/// <param name="Item">The item.</param>
/// <param name="Seeded">What the shop bought, on the first day and since.</param>
/// <param name="OnHand">What can be sold.</param>
/// <param name="Reserved">What is set aside for orders.</param>
/// <param name="Shipped">What has left.</param>
/// <param name="Total">What there is; equal to what was bought.</param>
public sealed record StockSums(string Item, long Seeded, long OnHand, long Reserved, long Shipped, long Total);
