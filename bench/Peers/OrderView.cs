namespace OrleansSagas.Bench.Peers;

/// <summary>How a saga ended, as the endpoint answers.</summary>
/// <param name="Id">The saga's id.</param>
/// <param name="Status">How it ended: <see cref="OrderStatus"/>.</param>
/// <param name="Data">Its data at the end.</param>
public sealed record OrderView(string Id, string Status, Order Data);
