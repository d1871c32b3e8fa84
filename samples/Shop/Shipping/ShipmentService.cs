using OrleansSagas.Shop.Books;

namespace OrleansSagas.Shop.Shipping;

/// <summary>Sends goods and calls them back.</summary>
public sealed class ShipmentService
{
    private readonly ShopService _desk;

    internal ShipmentService(ShopService desk) => _desk = desk;

    /// <summary>Sends the goods that are set aside for the order.</summary>
    /// <exception cref="StepRejectedException">Nothing was done: nothing is set aside, or the key is barred.</exception>
    public Task<Receipt> CreateAsync(string orderId, string key, Order order, CancellationToken cancellation = default)
    {
        return _desk.DoAsync(new(orderId, OrderSteps.CreateShipment, key), order, Ship, cancellation);

        Move Ship(ILedger ledger) =>
            order.Quantity > 0 && Accounts.IsItem(order.Item) && ledger.OfOrder(orderId, order.Item, Accounts.Reserved) >= order.Quantity
                ? new Move(order.Item, Accounts.Reserved, Accounts.Shipped, order.Quantity)
                : throw new StepRejectedException($"Order {orderId} has no {order.Quantity} of '{order.Item}' set aside to ship.");
    }

    /// <summary>Calls the goods back to where they were set aside: the undo of <see cref="CreateAsync"/>.</summary>
    public Task CancelAsync(string orderId, string key, string actionKey, Order order, CancellationToken cancellation = default) =>
        _desk.UndoAsync(new(orderId, OrderSteps.CreateShipment, key, actionKey), order, cancellation);
}
