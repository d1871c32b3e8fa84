namespace OrleansSagas.Shop.Books;

/// <summary>What the books have of one order.</summary>
/// <param name="OrderId">The order: the id of its saga.</param>
/// <param name="Complete">Whether all four steps are done and none undone.</param>
/// <param name="Undone">Whether everything is undone that was done.</param>
/// <param name="Effects">What was moved for it, in order.</param>
/// <param name="Operations">What became of every key, in the keys' order.</param>
public sealed record OrderBooks(
    string OrderId,
    bool Complete,
    bool Undone,
    IReadOnlyList<OrderEffect> Effects,
    IReadOnlyList<OrderOperation> Operations
);
