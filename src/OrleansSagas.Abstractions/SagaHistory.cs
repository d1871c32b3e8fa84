namespace OrleansSagas;

/// <summary>A stretch of a saga's history, oldest first.</summary>
/// <param name="Items">The entries.</param>
/// <param name="Next">The revision to pass as <c>after</c> to get what follows; null at the end.</param>
public sealed record SagaHistory(IReadOnlyList<SagaHistoryEntry> Items, long? Next);
