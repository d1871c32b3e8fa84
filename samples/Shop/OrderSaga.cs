using OrleansSagas.Shop.Inventory;
using OrleansSagas.Shop.Payments;
using OrleansSagas.Shop.Shipping;

namespace OrleansSagas.Shop;

/// <summary>The business transaction of an order: hold the money, set the goods aside, take the money, send the goods.</summary>
public static class OrderSaga
{
    /// <summary>The shop's services are near: little patience, so that what is stuck shows within seconds.</summary>
    private static readonly RetryPolicy Brisk = new()
    {
        MaxAttempts = 8,
        Delay = TimeSpan.FromMilliseconds(200),
        MaxDelay = TimeSpan.FromSeconds(2),
    };

    /// <summary>The definition of the saga <c>order</c>.</summary>
    public static SagaDefinition Definition { get; } = Saga.Define<Order>("order", version: 1)
        .Deadline(TimeSpan.FromMinutes(10))
        .Tag("customer", order => order.Customer)
        .Tag("item", order => order.Item)
        .Steps(step => step.Timeout(TimeSpan.FromSeconds(5)).Retry(Brisk).UndoRetry(Brisk))
        .Step(OrderSteps.ValidatePayment, step => step
            .Do((PaymentService payments, Order order, StepContext context) =>
                    payments.HoldAsync(context.SagaId.Value, context.Key, order, context.Cancellation),
                (order, hold) => order with { HoldId = hold.Id })
            .Undo((PaymentService payments, Order order, UndoContext context) =>
                payments.ReleaseHoldAsync(context.SagaId.Value, context.Key, context.ActionKey, order, context.Cancellation)))
        .Step(OrderSteps.ReserveInventory, step => step
            .Do((InventoryService inventory, Order order, StepContext context) =>
                    inventory.ReserveAsync(context.SagaId.Value, context.Key, order, context.Cancellation),
                (order, reservation) => order with { ReservationId = reservation.Id })
            .Undo((InventoryService inventory, Order order, UndoContext context) =>
                inventory.ReleaseAsync(context.SagaId.Value, context.Key, context.ActionKey, order, context.Cancellation)))
        .Step(OrderSteps.ChargePayment, step => step
            .Do((PaymentService payments, Order order, StepContext context) =>
                    payments.ChargeAsync(context.SagaId.Value, context.Key, order, context.Cancellation),
                (order, charge) => order with { ChargeId = charge.Id })
            .Undo((PaymentService payments, Order order, UndoContext context) =>
                payments.RefundAsync(context.SagaId.Value, context.Key, context.ActionKey, order, context.Cancellation)))
        .Step(OrderSteps.CreateShipment, step => step
            .Do((ShipmentService shipments, Order order, StepContext context) =>
                    shipments.CreateAsync(context.SagaId.Value, context.Key, order, context.Cancellation),
                (order, shipment) => order with { ShipmentId = shipment.Id })
            .Undo((ShipmentService shipments, Order order, UndoContext context) =>
                shipments.CancelAsync(context.SagaId.Value, context.Key, context.ActionKey, order, context.Cancellation)))
        .Build();
}
