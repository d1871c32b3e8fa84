namespace OrleansSagas.Bench.Peers;

/// <summary>Starts a saga.</summary>
/// <param name="Id">The saga's id, which is the request's.</param>
/// <param name="Order">Its data.</param>
/// <param name="IsRejected">Whether its fourth step is rejected.</param>
public sealed record StartOrder(string Id, Order Order, bool IsRejected);

/// <summary>The first step.</summary>
public sealed record ValidatePayment(string Id);

/// <summary>The second step.</summary>
public sealed record ReserveInventory(string Id);

/// <summary>The third step.</summary>
public sealed record ChargePayment(string Id);

/// <summary>The fourth step.</summary>
public sealed record CreateShipment(string Id);

/// <summary>Undoes the third step.</summary>
public sealed record RefundPayment(string Id);

/// <summary>Undoes the second step.</summary>
public sealed record ReleaseInventory(string Id);

/// <summary>Undoes the first step.</summary>
public sealed record VoidPayment(string Id);

/// <summary>Tells the caller that the saga ended. Not durable: where the process ends, so does the caller's connection.</summary>
public sealed record OrderEnded(OrderView View);
