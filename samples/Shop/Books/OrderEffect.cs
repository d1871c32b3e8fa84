namespace OrleansSagas.Shop.Books;

/// <summary>One row of the ledger.</summary>
/// <param name="Seq">Its number in the ledger.</param>
/// <param name="Step">The step.</param>
/// <param name="Undo">Whether it undid the step.</param>
/// <param name="Key">The idempotency key under which it was booked.</param>
/// <param name="Unit"><c>money</c> (in cents) or the item (in pieces).</param>
/// <param name="Source">The account that it left.</param>
/// <param name="Target">The account that it entered.</param>
/// <param name="Amount">How much. An undo moves what the order still has there, which may be nothing.</param>
public sealed record OrderEffect(long Seq, string Step, bool Undo, string? Key, string Unit, string Source, string Target, long Amount);
