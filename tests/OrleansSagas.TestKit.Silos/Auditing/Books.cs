namespace OrleansSagas.TestKit.Silos.Auditing;

/// <summary>What <c>GET /shop/books</c> answers.</summary>
internal sealed record BooksSummary(
    bool Conserved,
    IReadOnlyList<string> Problems,
    long Open,
    long Doubled,
    long HoldsOpen,
    long Orders,
    long Complete,
    long Undone
);

/// <summary>What <c>GET /shop/books/{order}</c> answers.</summary>
internal sealed record OrderBooks(bool Complete, bool Undone, IReadOnlyList<OrderEffect> Effects);

/// <summary>One effect of an order.</summary>
internal sealed record OrderEffect(long Seq, string Step, bool Undo, string Key);
