using OrleansSagas.Shop.Behaviours;

namespace OrleansSagas.Shop;

/// <summary>What a customer wants to buy, and what the services answered so far. The data of the saga <c>order</c>.</summary>
public sealed record Order
{
    /// <summary>Who buys. A customer's account is opened with <see cref="ShopOptions.OpeningBalance"/> on the first order.</summary>
    public string Customer { get; init; } = "";

    /// <summary>The card to charge. Any text but an empty one.</summary>
    public string Card { get; init; } = "";

    /// <summary>What is bought: an item of <see cref="ShopOptions.Stock"/>.</summary>
    public string Item { get; init; } = "";

    /// <summary>How many pieces: 1 to 1,000.</summary>
    public int Quantity { get; init; }

    /// <summary>What they cost together: 0.01 to 1,000,000.00, in whole cents.</summary>
    public decimal Total { get; init; }

    /// <summary>
    /// What the services are to do wrong with this order: by step (<c>charge-payment</c>) or by the undo of one
    /// (<c>undo:charge-payment</c>). Default: nothing.
    /// </summary>
    public IReadOnlyDictionary<string, StepBehaviour>? Behaviour { get; init; }

    /// <summary>The hold on the customer's money, once there is one.</summary>
    public string? HoldId { get; init; }

    /// <summary>The reservation of the stock, once there is one.</summary>
    public string? ReservationId { get; init; }

    /// <summary>The charge, once the money was taken.</summary>
    public string? ChargeId { get; init; }

    /// <summary>The shipment, once the goods have left.</summary>
    public string? ShipmentId { get; init; }
}
