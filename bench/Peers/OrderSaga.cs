using Wolverine;

namespace OrleansSagas.Bench.Peers;

/// <summary>
/// The measured saga: four steps, each a message of its own with a trivial asynchronous action, whose result is stored in the transaction
/// that also stores the next message. An ended saga is kept, as the engine keeps it: a repeated start finds its id taken.
/// </summary>
public sealed class OrderSaga : Saga
{
    /// <summary>The request's id.</summary>
    public string Id { get; set; } = "";

    /// <summary>The data, with the result of each step that is done.</summary>
    public Order Order { get; set; } = null!;

    /// <summary>How far it is.</summary>
    public string Status { get; set; } = OrderStatus.Running;

    /// <summary>Whether the fourth step is rejected.</summary>
    public bool IsRejected { get; set; }

    /// <summary>Starts it.</summary>
    public static (OrderSaga Saga, ValidatePayment Next) Start(StartOrder start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return (
            new OrderSaga
            {
                Id = start.Id,
                Order = start.Order,
                IsRejected = start.IsRejected,
            },
            new ValidatePayment(start.Id)
        );
    }

    /// <summary>The first step.</summary>
    public async Task<ReserveInventory> Handle(ValidatePayment step)
    {
        Order = Order with { HoldId = await ResultAsync("v-1") };
        return new ReserveInventory(Id);
    }

    /// <summary>The second step.</summary>
    public async Task<ChargePayment> Handle(ReserveInventory step)
    {
        Order = Order with { ReservationId = await ResultAsync("r-1") };
        return new ChargePayment(Id);
    }

    /// <summary>The third step.</summary>
    public async Task<CreateShipment> Handle(ChargePayment step)
    {
        Order = Order with { ChargeId = await ResultAsync("c-1") };
        return new CreateShipment(Id);
    }

    /// <summary>The fourth step, after which the saga has ended or is undone.</summary>
    public async Task<object> Handle(CreateShipment step)
    {
        var shipment = await ResultAsync("c-1");
        if (IsRejected)
        {
            Status = OrderStatus.Compensating;
            return new RefundPayment(Id);
        }

        Order = Order with { ShipmentId = shipment };
        return End(OrderStatus.Completed);
    }

    /// <summary>Undoes the third step.</summary>
    public async Task<ReleaseInventory> Handle(RefundPayment undo)
    {
        await Task.Yield();
        Order = Order with { ChargeId = null };
        return new ReleaseInventory(Id);
    }

    /// <summary>Undoes the second step.</summary>
    public async Task<VoidPayment> Handle(ReleaseInventory undo)
    {
        await Task.Yield();
        Order = Order with { ReservationId = null };
        return new VoidPayment(Id);
    }

    /// <summary>Undoes the first step, after which the saga has ended.</summary>
    public async Task<OrderEnded> Handle(VoidPayment undo)
    {
        await Task.Yield();
        Order = Order with { HoldId = null };
        return End(OrderStatus.Compensated);
    }

    private static async Task<string> ResultAsync(string result)
    {
        await Task.Yield();
        return result;
    }

    private OrderEnded End(string status)
    {
        Status = status;
        return new OrderEnded(new OrderView(Id, status, Order));
    }
}
