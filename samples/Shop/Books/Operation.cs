namespace OrleansSagas.Shop.Books;

/// <summary>What the books know of one key. <c>Seq</c> is the ledger row of its effect; null where it had none.</summary>
internal sealed record Operation(string OrderId, string Step, bool IsUndo, OperationState State, long? Seq, string? Reason);
