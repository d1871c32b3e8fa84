namespace OrleansSagas.Shop.Books;

/// <summary>How many shipments there were.</summary>
/// <param name="Created">Those that left.</param>
/// <param name="Cancelled">Those of them that were called back.</param>
public sealed record ShipmentSums(long Created, long Cancelled);
