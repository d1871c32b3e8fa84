namespace OrleansSagas.Bench.Workloads;

/// <summary>The data of the measured saga.</summary>
internal sealed record BenchOrder(
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
