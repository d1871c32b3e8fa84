using OrleansSagas.Shop.Behaviours;
using OrleansSagas.Shop.Books;

namespace OrleansSagas.Shop.Payments;

/// <summary>Holds, takes and gives back the customers' money.</summary>
public sealed class PaymentService
{
    private const decimal MostMoney = 1_000_000m;
    private const int MostPieces = 1_000;
    private const int LongestName = 100;

    private readonly ShopService _desk;

    internal PaymentService(ShopService desk) => _desk = desk;

    /// <summary>Checks the order and holds its total on the customer's account.</summary>
    /// <exception cref="StepRejectedException">
    /// Nothing was done: the order makes no sense, the customer has too little, or the key is barred.
    /// </exception>
    public Task<Receipt> HoldAsync(string orderId, string key, Order order, CancellationToken cancellation = default)
    {
        return _desk.DoAsync(new(orderId, OrderSteps.ValidatePayment, key), order, Hold, cancellation);

        Move Hold(ILedger ledger)
        {
            if (Problem(order) is { } problem)
                throw new StepRejectedException(problem);
            var account = Accounts.Customer(order.Customer);
            var cents = Cents(order.Total);
            var balance = ledger.OpenCustomer(account);
            return balance >= cents
                ? new Move(Accounts.Money, account, Accounts.Held, cents)
                : throw new StepRejectedException(
                    $"Customer {order.Customer} has {balance / 100m:0.00}, and the order costs {order.Total:0.00}."
                );
        }
    }

    /// <summary>Gives back what is still held for the order: the undo of <see cref="HoldAsync"/>.</summary>
    public Task ReleaseHoldAsync(string orderId, string key, string actionKey, Order order, CancellationToken cancellation = default) =>
        _desk.UndoAsync(new(orderId, OrderSteps.ValidatePayment, key, actionKey), order, cancellation);

    /// <summary>Takes the money that is held for the order.</summary>
    /// <exception cref="StepRejectedException">Nothing was done: the card was declined, nothing is held, or the key is barred.</exception>
    public Task<Receipt> ChargeAsync(string orderId, string key, Order order, CancellationToken cancellation = default)
    {
        return _desk.DoAsync(new(orderId, OrderSteps.ChargePayment, key), order, Charge, cancellation);

        Move Charge(ILedger ledger)
        {
            var held = ledger.OfOrder(orderId, Accounts.Money, Accounts.Held);
            return order.Total is > 0 and <= MostMoney && held >= Cents(order.Total)
                ? new Move(Accounts.Money, Accounts.Held, Accounts.Revenue, Cents(order.Total))
                : throw new StepRejectedException($"Order {orderId} has no hold of {order.Total:0.00} to charge.");
        }
    }

    /// <summary>Puts a charge back on hold, from where releasing the hold returns it: the undo of <see cref="ChargeAsync"/>.</summary>
    public Task RefundAsync(string orderId, string key, string actionKey, Order order, CancellationToken cancellation = default) =>
        _desk.UndoAsync(new(orderId, OrderSteps.ChargePayment, key, actionKey), order, cancellation);

    private static long Cents(decimal money) => (long)(money * 100m);

    private static string? Problem(Order order) =>
        order switch
        {
            { Customer: null or { Length: 0 or > LongestName } } => $"An order names its customer, in 1 to {LongestName} characters.",
            { Item: null or { Length: 0 or > LongestName } } => $"An order names its item, in 1 to {LongestName} characters.",
            { Card: null or { Length: 0 or > LongestName } } => $"An order names its card, in 1 to {LongestName} characters.",
            { Quantity: < 1 or > MostPieces } => $"The quantity is {order.Quantity}; it is 1 to {MostPieces}.",
            { Total: <= 0 or > MostMoney } => $"The total is {order.Total}; it is 0.01 to {MostMoney}.",
            _ when decimal.Round(order.Total, 2) != order.Total => $"The total is {order.Total}; it is a whole number of cents.",
            _ => OrderBehaviour.Problem(order),
        };
}
