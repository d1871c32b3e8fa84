namespace OrleansSagas.Bench.Peers;

/// <summary>The data of the measured saga.</summary>
public sealed record Order(
    string OrderId,
    string Customer,
    string Sku,
    int Quantity,
    int Amount,
    string Note,
    string? HoldId = null,
    string? ReservationId = null,
    string? ChargeId = null,
    string? ShipmentId = null
);
