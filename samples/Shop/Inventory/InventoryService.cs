using OrleansSagas.Shop.Books;

namespace OrleansSagas.Shop.Inventory;

/// <summary>Sets goods aside and puts them back.</summary>
public sealed class InventoryService
{
    private readonly ShopService _desk;

    internal InventoryService(ShopService desk) => _desk = desk;

    /// <summary>Sets the order's goods aside.</summary>
    /// <exception cref="StepRejectedException">Nothing was done: too few on hand, no such item, or the key is barred.</exception>
    public Task<Receipt> ReserveAsync(string orderId, string key, Order order, CancellationToken cancellation = default)
    {
        return _desk.DoAsync(new(orderId, OrderSteps.ReserveInventory, key), order, Reserve, cancellation);

        Move Reserve(ILedger ledger)
        {
            var onHand = Accounts.IsItem(order.Item) ? ledger.Balance(order.Item, Accounts.OnHand) : null;
            return onHand switch
            {
                null => throw new StepRejectedException($"The shop does not sell '{order.Item}'."),
                _ when order.Quantity < 1 => throw new StepRejectedException($"The quantity is {order.Quantity}; it is 1 or more."),
                _ when onHand < order.Quantity => throw new StepRejectedException(
                    $"'{order.Item}' is out of stock: {onHand} on hand, {order.Quantity} wanted."
                ),
                _ => new Move(order.Item, Accounts.OnHand, Accounts.Reserved, order.Quantity),
            };
        }
    }

    /// <summary>Puts back what is still set aside for the order: the undo of <see cref="ReserveAsync"/>.</summary>
    public Task ReleaseAsync(string orderId, string key, string actionKey, Order order, CancellationToken cancellation = default) =>
        _desk.UndoAsync(new(orderId, OrderSteps.ReserveInventory, key, actionKey), order, cancellation);
}
