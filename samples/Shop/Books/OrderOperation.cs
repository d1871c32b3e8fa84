namespace OrleansSagas.Shop.Books;

/// <summary>One key that the services have seen for the order.</summary>
/// <param name="Key">The key.</param>
/// <param name="Step">The step.</param>
/// <param name="Undo">Whether it is the key of an undo.</param>
/// <param name="State"><c>Done</c>, <c>Rejected</c>, <c>Barred</c> or <c>Undone</c>.</param>
/// <param name="Reason">Why it was refused; null where it was not.</param>
public sealed record OrderOperation(string Key, string Step, bool Undo, string State, string? Reason);
